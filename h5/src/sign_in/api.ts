import { get, send } from '../api/client'
import { deviceId, newKey } from '../api/keys'
import type { Entry, Me, PageSignature } from '../api/types'
import type { Language } from '../locales'
import type { Where } from '../host/which'

export function entryOf({ host, connection }: Where): Promise<Entry> {
  return get('/api/v1/entry', { query: { host, connection } })
}

export function whoAmI(): Promise<Me> {
  return get('/api/v1/me')
}

export function beginSession({ host, connection }: Where, code: string): Promise<Me> {
  const body = { host, connection, code, device_id: deviceId() }
  return send('post', '/api/v1/sessions', { body, key: newKey() })
}

export async function endSession(): Promise<void> {
  await send('delete', '/api/v1/sessions/current', { key: newKey() })
}

export function speak(language: Language): Promise<Me> {
  return send('patch', '/api/v1/me', { body: { language }, key: newKey() })
}

export function signPage(url: string): Promise<PageSignature> {
  return get('/api/v1/page-signature', { query: { url } })
}
