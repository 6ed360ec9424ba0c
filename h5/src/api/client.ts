/**
 * One door to the server. Paths, queries, bodies and answers are typed by the generated schema.
 *
 *     const rows = await get('/api/v1/customers', { query: { q: 'hlcs' } })
 *     await send('post', '/api/v1/visits', { body, key })
 */

import { language } from '../locales'
import type { HostPicture } from '../host'
import type { paths } from './schema'
import type { Problem } from './types'
import { Refused, Unreachable } from './problem'
import { me } from './session'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Write = Exclude<Method, 'get'>
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never
}[keyof paths]
type Operation<P extends keyof paths, M extends Method> = paths[P][M]
type Json<Content> = Content extends { content: { 'application/json': infer Value } } ? Value : never
type Answer<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201)]> : never
type Body<O> = O extends { requestBody: infer B } ? Json<B> : never
type Query<O> = O extends { parameters: { query?: infer Q } } ? Q : never
type InPath<O> = O extends { parameters: { path: infer Names } } ? Names : never

interface Reading<O> {
  query?: Query<O>
  path?: InPath<O>
  signal?: AbortSignal
}

interface Writing<O> extends Reading<O> {
  body?: Body<O>
  /** The same for every attempt at one action: the server then does it once. */
  key: string
  /** How long the answer may take, where the server has to ask a host first. */
  within_ms?: number
}

const ANSWER_WITHIN_MS = 20_000
const HEALTH_WITHIN_MS = 4000
const PHOTO_WITHIN_MS = 60_000
const MOST_WAITS = 3
const LONGEST_WAIT_S = 5

export function get<P extends PathsWith<'get'>>(
  path: P,
  { query, path: names, signal }: Reading<Operation<P, 'get'>> = {},
): Promise<Answer<Operation<P, 'get'>>> {
  return request('GET', address(path, names, query), { signal })
}

export function send<M extends Write, P extends PathsWith<M>>(
  method: M,
  path: P,
  { body, key, query, path: names, within_ms }: Writing<Operation<P, M>>,
): Promise<Answer<Operation<P, M>>> {
  return request(method.toUpperCase(), address(path, names, query), {
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    within_ms,
  })
}

export interface SentPicture {
  /** The idempotency key. */
  key: string
  taken_at: Date
  captured_by: string
  made_at: Date | null
}

function toldOf({ taken_at, captured_by, made_at }: SentPicture): Record<string, string> {
  return {
    'X-Taken-At': withZone(taken_at),
    'X-Captured-By': captured_by,
    ...(made_at ? { 'X-Made-At': withZone(made_at) } : {}),
  }
}

/** Whether the server answers at all, whoever asks. */
export async function isReachable(): Promise<boolean> {
  try {
    const response = await answered('GET', '/healthz', { within_ms: HEALTH_WITHIN_MS })
    return response.ok && (response.headers.get('content-type') ?? '').includes('json')
  }
  catch {
    return false
  }
}

/** A picture as the body itself, which no JSON schema describes. */
export function sendPicture<T>(
  path: string,
  picture: Blob,
  sent: SentPicture,
): Promise<T> {
  return request('POST', path, {
    body: picture,
    headers: {
      'Content-Type': 'image/jpeg',
      'Idempotency-Key': sent.key,
      ...toldOf(sent),
    },
    within_ms: PHOTO_WITHIN_MS,
  })
}

/** A file as the body itself, under its own name. */
export function sendFile<T>(path: string, file: Blob, name: string, key: string): Promise<T> {
  return request('POST', path, {
    body: file,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Idempotency-Key': key,
      'X-File-Name': encodeURIComponent(name),
    },
    within_ms: PHOTO_WITHIN_MS,
  })
}

/** A file as the body itself, once per key. */
export function bringFile<P extends PathsWith<'post'>>(
  path: P,
  file: Blob,
  { key, query, path: names, within_ms }: Omit<Writing<Operation<P, 'post'>>, 'body'>,
): Promise<Answer<Operation<P, 'post'>>> {
  return request('POST', address(path, names, query), {
    body: file,
    headers: { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': key },
    within_ms,
  })
}

/**
 * A picture by the host's app, once, under a pass whose key is that of the picture. Rejects with
 * `Unreachable` also for a pass that has ended meanwhile: the next try has a new one.
 */
export async function sendPictureByHost<T>(
  path: string,
  picture: HostPicture,
  pass: string,
  sent: SentPicture,
): Promise<T> {
  const { status, body } = await picture.post({
    url: new URL(path, location.origin).href,
    part: 'photo',
    headers: { 'X-Waiqin-Pass': pass, 'Accept-Language': language.value, ...toldOf(sent) },
  })
  const said = parsed(body)
  // A captive portal or a proxy answers with a page of its own: that is not our server.
  if (!said || said.code === 'pass_over') throw new Unreachable(`${status} ${said?.code ?? 'not json'}`)
  if (status < 200 || status > 299) throw new Refused(status, said)
  return said as T
}

function parsed(body: string): Partial<Problem> | null {
  try {
    const said: unknown = JSON.parse(body)
    return said !== null && typeof said === 'object' ? said : null
  }
  catch {
    return null
  }
}

const two = (figure: number) => String(Math.floor(figure)).padStart(2, '0')

/** With this phone's zone, in which cameras write their time without saying so. */
export function withZone(moment: Date): string {
  const minutes = -moment.getTimezoneOffset()
  const there = new Date(moment.getTime() + minutes * 60_000).toISOString().slice(0, -1)
  const ahead = Math.abs(minutes)
  return `${there}${minutes < 0 ? '-' : '+'}${two(ahead / 60)}:${two(ahead % 60)}`
}

interface Sent {
  body?: string | Blob
  headers?: Record<string, string>
  signal?: AbortSignal
  within_ms?: number
}

let comeBackSignedIn: () => Promise<void> = () => Promise.resolve()

/** How to sign in again when a session has ended; resolves when a request may be repeated. */
export function onSignInNeeded(signIn: () => Promise<void>): void {
  comeBackSignedIn = signIn
}

/** Who is told that he is too fast waits as long as he is told, and says it once more. */
async function request<T>(method: string, path: string, sent: Sent): Promise<T> {
  for (let waits = 0; ; waits++) {
    try {
      return await signedInAttempt<T>(method, path, sent)
    }
    catch (failure) {
      const wait_s = failure instanceof Refused ? failure.retry_after_s : null
      // Longer than a person would look at a spinner: he is told instead.
      if (wait_s === null || wait_s > LONGEST_WAIT_S || waits === MOST_WAITS) throw failure
      await pause(wait_s * 1000, sent.signal)
    }
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((go_on, give_up) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      go_on()
    }, ms)
    function stop() {
      clearTimeout(timer)
      give_up(new Unreachable('aborted'))
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}

async function signedInAttempt<T>(method: string, path: string, sent: Sent): Promise<T> {
  try {
    return await attempt<T>(method, path, sent)
  }
  catch (failure) {
    if (!(failure instanceof Refused) || !isAboutTheSession(failure)) throw failure
    await comeBackSignedIn()
    return await attempt<T>(method, path, sent)
  }
}

// Signing in answers 401 too, to somebody who is not in the company; that is no ended session.
function isAboutTheSession(failure: Refused): boolean {
  return me.value !== null && (failure.status === 401 || failure.code === 'page_outdated')
}

async function attempt<T>(method: string, path: string, sent: Sent): Promise<T> {
  const response = await answered(method, path, sent)
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  // A captive portal or a proxy answers with a page of its own: that is not our server.
  if (response.ok && !isJson) throw new Unreachable('not json')
  const body: unknown = isJson ? await response.json().catch(() => ({})) : {}
  if (!response.ok) {
    throw new Refused(response.status, body as object, response.headers.get('retry-after'))
  }
  return body as T
}

async function answered(method: string, path: string, sent: Sent): Promise<Response> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), sent.within_ms ?? ANSWER_WITHIN_MS)
  const give_up = () => limit.abort()
  sent.signal?.addEventListener('abort', give_up)
  try {
    return await fetch(path, {
      method,
      body: sent.body,
      headers: {
        ...sent.headers,
        'Accept-Language': language.value,
        ...(method !== 'GET' && me.value ? { 'X-CSRF-Token': me.value.csrf_token } : {}),
      },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: limit.signal,
    })
  }
  catch (cause) {
    throw new Unreachable(cause)
  }
  finally {
    clearTimeout(timer)
    sent.signal?.removeEventListener('abort', give_up)
  }
}

function address(path: string, names: unknown, query: unknown): string {
  const filled = Object.entries(names ?? {}).reduce(
    (so_far, [name, value]) => so_far.replace(`{${name}}`, encodeURIComponent(String(value))),
    path,
  )
  const asked = Object.entries(query ?? {})
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => [name, String(value)])
  return asked.length ? `${filled}?${new URLSearchParams(asked)}` : filled
}
