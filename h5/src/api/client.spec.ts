import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { get, onSignInNeeded, send } from './client'
import { Refused, Unreachable } from './problem'
import { me } from './session'
import type { Me } from './types'

const REP = { name: '王芳', csrf_token: 'token-1' } as Me

/** The network gives these answers in turn and remembers what it was asked. */
function network(...answers: (Response | Error)[]) {
  const asked: Request[] = []
  globalThis.fetch = async (path, init) => {
    asked.push(new Request(new URL(String(path), 'http://waiqin.example'), init))
    const answer = answers.shift()!
    if (answer instanceof Error) throw answer
    return answer
  }
  return asked
}

const json = (status: number, body: object, kind = 'application/json') =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': kind } })
const problem = (status: number, body: object) => json(status, body, 'application/problem+json')

function tooFast(retry_after: string) {
  const answer = problem(429, { code: 'too_many_requests', detail: '操作太频繁，请稍后再试。' })
  answer.headers.set('retry-after', retry_after)
  return answer
}
const changing = () => send('patch', '/api/v1/me', { body: { language: 'en' }, key: 'key-1' })

beforeEach(() => {
  me.value = REP
  onSignInNeeded(async () => undefined)
})

describe('a request', () => {
  it('leaves out what was not asked and escapes the rest', async () => {
    const asked = network(json(200, { rows: [], more: false }))
    await get('/api/v1/customers', { query: { q: '华联 & 店', lat: null, page: 1 } })
    const query = new URL(asked[0]!.url).searchParams
    expect([...query.keys()]).toEqual(['q', 'page'])
    expect(query.get('q')).toBe('华联 & 店')
  })

  it('keeps an id inside its place in the path', async () => {
    const asked = network(json(200, {}))
    await get('/api/v1/visits/{visit_id}', { path: { visit_id: '../me' } })
    expect(new URL(asked[0]!.url).pathname).toBe('/api/v1/visits/..%2Fme')
  })

  it('carries key, token and language when it writes', async () => {
    const asked = network(json(200, REP))
    await send('patch', '/api/v1/me', { body: { language: 'en' }, key: 'key-1' })
    const { headers } = asked[0]!
    expect(headers.get('idempotency-key')).toBe('key-1')
    expect(headers.get('x-csrf-token')).toBe('token-1')
    expect(headers.get('accept-language')).toBe('zh')
  })

  it('tells a refusal with its code, sentence and facts', async () => {
    network(problem(409, { code: 'visit_still_open', detail: '请先签退', facts: { visit_id: 'v1' } }))
    const refused = get('/api/v1/today')
    await expect(refused).rejects.toBeInstanceOf(Refused)
    await expect(refused).rejects.toMatchObject({ detail: '请先签退', facts: { visit_id: 'v1' } })
  })

  it.each([
    ['no network', () => new TypeError('Failed to fetch')],
    ['a captive portal', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('is unreachable behind %s', async (_, answer) => {
    network(answer())
    await expect(get('/api/v1/today')).rejects.toBeInstanceOf(Unreachable)
  })

  it('is repeated once with the new token after the session ended', async () => {
    const asked = network(problem(401, { code: 'sign_in_needed' }), json(200, REP))
    onSignInNeeded(async () => void (me.value = { ...REP, csrf_token: 'token-2' }))
    await send('patch', '/api/v1/me', { body: { language: 'en' }, key: 'key-1' })
    expect(asked.map(({ headers }) => headers.get('x-csrf-token'))).toEqual(['token-1', 'token-2'])
    expect(asked.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['key-1', 'key-1'])
  })

  it('does not sign in again when nobody was signed in', async () => {
    me.value = null
    network(problem(401, { code: 'sign_in_needed' }))
    await expect(get('/api/v1/me')).rejects.toMatchObject({ status: 401 })
  })
})

describe('a request that came too fast', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('waits as long as it is told and is sent again with its key', async () => {
    const asked = network(tooFast('2'), json(200, REP))
    const changed = changing()
    await vi.advanceTimersByTimeAsync(1999)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await expect(changed).resolves.toEqual(REP)
    expect(asked.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['key-1', 'key-1'])
  })

  it('gives up after three waits', async () => {
    const asked = network(tooFast('1'), tooFast('1'), tooFast('1'), tooFast('1'))
    const refused = expect(changing()).rejects.toMatchObject({ status: 429 })
    await vi.runAllTimersAsync()
    await refused
    expect(asked).toHaveLength(4)
  })

  it.each(['60', '', 'Wed, 11 Mar 2026 01:30:00 GMT'])(
    'is refused at once when it would have to wait until “%s”', async (retry_after) => {
      const asked = network(tooFast(retry_after))
      await expect(changing()).rejects.toMatchObject({ status: 429, isPassing: true })
      expect(asked).toHaveLength(1)
    },
  )

  it('is not sent again when nobody waits for it any more', async () => {
    const asked = network(tooFast('2'))
    const gone = new AbortController()
    const refused = expect(get('/api/v1/today', { signal: gone.signal })).rejects.toBeInstanceOf(Unreachable)
    await vi.advanceTimersByTimeAsync(1000)
    gone.abort()
    await refused
    expect(asked).toHaveLength(1)
  })
})
