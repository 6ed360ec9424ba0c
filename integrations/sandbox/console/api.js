// The console's own JSON, at an address relative to the page.

import { toast } from './dom.js'
import { t } from './texts.js'

const address = path => new URL(`api/${path}`, document.baseURI)

export async function get(path) {
  const answer = await fetch(address(path), { headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer.json()
}

/** POST `body`; a refusal is shown and thrown. */
export async function post(path, body = {}) {
  let answer
  try {
    answer = await fetch(address(path), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (failure) {
    toast(t('api.unreachable'), 'bad')
    throw failure
  }
  const value = await answer.json().catch(() => ({}))
  if (!answer.ok) {
    toast(value.detail || t('api.failed'), 'bad')
    throw new Error(`${path}: ${answer.status}`)
  }
  return value
}

export const events = () => new EventSource(address('events'))
