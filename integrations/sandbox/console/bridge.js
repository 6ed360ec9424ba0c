// What the host's script would do for the H5, asked and answered by messages between windows.

import { post } from './api.js'
import { takePhoto } from './camera.js'
import { frameWindow, settle } from './h5.js'
import { el } from './dom.js'
import { cover, note, setTitle, uncover } from './phone.js'
import { reading } from './position.js'
import { show, store } from './store.js'
import { t } from './texts.js'

const FIX_TAKES_MS = 450
const GIVE_UP_MS = 2500
const CALL_LASTS_MS = 6000

let readings = 0

const CALLS = { position, photo, authCode, openMap, callPhone, setTitle: named, close }

class Failed extends Error {
  constructor(code) {
    super(t(`bridge.${code}`))
    this.code = code
  }
}

export function answerCalls() {
  window.addEventListener('message', async event => {
    const { data } = event
    if (event.origin !== location.origin || event.source !== frameWindow()) return
    if (data?.waiqin !== 'call' || !Object.hasOwn(CALLS, data.call)) return
    event.source.postMessage(
      { waiqin: 'answer', id: data.id, ...(await outcome(data)) },
      event.origin,
    )
  })
}

async function outcome({ call, args }) {
  try {
    return { ok: true, value: await CALLS[call](args ?? {}) }
  } catch (failure) {
    return { ok: false, error: failure.code ?? 'unavailable', message: failure.message }
  }
}

async function position() {
  const { position: permission } = store.phone
  await pause(permission === 'timeout' ? GIVE_UP_MS : FIX_TAKES_MS)
  if (permission !== 'ok') throw new Failed(permission)
  readings += 1
  return reading(store.phone, readings)
}

async function photo() {
  const blob = await takePhoto()
  if (!blob) throw new Failed('cancelled')
  return { blob }
}

async function authCode() {
  const { code, corp_id } = await post('code')
  return { code, corp_id }
}

async function openMap({ name, address }) {
  note(`${t('phone.navigate')}「${name || address || ''}」`)
}

async function callPhone({ name, phone }) {
  const line = el(
    'div',
    { class: 'calling' },
    el('p', {}, t('phone.calling')),
    el('strong', {}, name || phone || ''),
    el('span', {}, name ? phone || '' : ''),
    el(
      'button',
      {
        'type': 'button',
        'class': 'hang-up',
        'data-test': 'hang-up',
        'onclick': () => uncover(line),
      },
      t('phone.hangUp'),
    ),
  )
  cover(line)
  setTimeout(() => uncover(line), CALL_LASTS_MS)
}

async function named({ title }) {
  settle()
  setTitle(String(title ?? ''))
}

async function close() {
  show('chat')
}

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
