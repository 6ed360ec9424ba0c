import { beforeEach, describe, expect, it } from 'vitest'
import { HostRefused } from './bridge'
import { consoleBridge } from './console'

interface Call { id: number, call: string, args: Record<string, unknown> }

/** In a test the window is its own parent, so both ends of the conversation are heard here. */
let asked: Call[] = []
window.addEventListener('message', ({ data }) => {
  if (data?.waiqin === 'call') asked.push(data)
})

beforeEach(() => (asked = []))

function answer(data: object, origin = location.origin, source: Window | null = window) {
  window.dispatchEvent(new MessageEvent('message', { data, origin, source }))
}

async function called(): Promise<Call> {
  await expect.poll(() => asked.length).toBeGreaterThan(0)
  return asked[0]!
}

describe('the console as host', () => {
  it('gives a position with its age', async () => {
    const fix = consoleBridge().currentFix()
    const { id, call } = await called()
    expect(call).toBe('position')
    const value = { lat: 30, lng: 114, datum: 'GCJ02', accuracy_m: 20, provider: 'gps', is_mock: false, network: '4g', age_s: 7 }
    answer({ waiqin: 'answer', id, ok: true, value })
    const { taken_at, ...rest } = await fix
    expect(rest).toMatchObject({ lat: 30, datum: 'GCJ02', accuracy_m: 20, is_mock: false })
    expect(Math.round((Date.now() - taken_at) / 1000)).toBe(7)
  })

  it('passes a refusal on with its reason', async () => {
    const photo = consoleBridge().takePhoto()
    const { id } = await called()
    answer({ waiqin: 'answer', id, ok: false, error: 'cancelled', message: '' })
    await expect(photo).rejects.toMatchObject(new HostRefused('cancelled'))
  })

  it('is left by its own button', async () => {
    const closed = consoleBridge().close()
    const { id, call } = await called()
    expect(call).toBe('close')
    answer({ waiqin: 'answer', id, ok: true, value: undefined })
    await closed
  })

  it('says what it has not', async () => {
    const host = consoleBridge()
    expect([host.can('scan'), host.can('members'), host.can('position')]).toEqual([false, false, true])
    await expect(host.scan()).rejects.toMatchObject({ reason: 'missing' })
    await expect(host.chooseMember('')).rejects.toMatchObject({ reason: 'missing' })
  })

  it('listens to the first answer alone', async () => {
    const code = consoleBridge().authCode('ding1', 'app1')
    const { id } = await called()
    answer({ waiqin: 'answer', id, ok: true, value: { code: 'first' } })
    answer({ waiqin: 'answer', id, ok: false, error: 'cancelled', message: '' })
    await expect(code).resolves.toBe('first')
  })

  it('does not listen to another origin', async () => {
    const code = consoleBridge().authCode('ding1', 'app1')
    const { id, args } = await called()
    expect(args).toEqual({ corp_id: 'ding1' })
    answer({ waiqin: 'answer', id, ok: true, value: { code: 'stolen' } }, 'https://evil.example')
    answer({ waiqin: 'answer', id, ok: true, value: { code: 'good' } })
    await expect(code).resolves.toBe('good')
  })

  it('does not listen to another window', async () => {
    const code = consoleBridge().authCode('ding1', 'app1')
    const { id } = await called()
    answer({ waiqin: 'answer', id, ok: true, value: { code: 'stolen' } }, location.origin, null)
    answer({ waiqin: 'answer', id, ok: true, value: { code: 'good' } })
    await expect(code).resolves.toBe('good')
  })
})
