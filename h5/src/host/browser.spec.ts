import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { browserBridge } from './browser'
import { contentOf, leavesFor, takesPicture } from './clients/person'

type Success = (position: object) => void
type Failure = (refusal: object) => void

/** A browser's positions, as the page is told them. */
let watching: { success: Success, failure: Failure, id: number }[] = []
const cleared: number[] = []

const geolocation = {
  watchPosition(success: Success, failure: Failure) {
    watching.push({ success, failure, id: watching.length + 1 })
    return watching.length
  },
  clearWatch: (id: number) => void cleared.push(id),
}

function be(agent: string): void {
  Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
}

const at = (accuracy: number, latitude = 30.59) =>
  ({ coords: { latitude, longitude: 114.3, accuracy }, timestamp: 1_767_225_600_000 })

beforeEach(() => {
  watching = []
  cleared.length = 0
  Object.defineProperty(navigator, 'geolocation', { value: geolocation, configurable: true })
  be('Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari/537.36')
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a position in a plain browser', () => {
  it('is the first good one, in WGS-84', async () => {
    const asked = browserBridge().currentFix()
    watching[0]!.success(at(800))
    watching[0]!.success(at(40))
    expect(await asked).toMatchObject({ lat: 30.59, datum: 'WGS84', accuracy_m: 40, taken_at: 1_767_225_600_000 })
    expect(cleared).toEqual([1])
  })

  it('is the best one so far after 5 s', async () => {
    const asked = browserBridge().currentFix()
    for (const accuracy of [900, 300, 500]) watching[0]!.success(at(accuracy))
    await vi.advanceTimersByTimeAsync(5_000)
    expect((await asked).accuracy_m).toBe(300)
  })

  it.each([[1, 'denied'], [2, 'unavailable'], [3, 'timeout']])('refused with %i is %s', async (code, reason) => {
    const asked = browserBridge().currentFix()
    watching[0]!.failure({ code, PERMISSION_DENIED: 1, TIMEOUT: 3, message: '' })
    await expect(asked).rejects.toMatchObject({ reason })
    expect(cleared).toEqual([1])
  })

  it('is given up after 25 s, also while the browser asks for leave', async () => {
    const refused = expect(browserBridge().currentFix()).rejects.toMatchObject({ reason: 'timeout' })
    await vi.advanceTimersByTimeAsync(25_000)
    await refused
    watching[0]!.success(at(10))
    expect(cleared).toEqual([1])
  })

  it('that is none is refused', async () => {
    const asked = browserBridge().currentFix()
    watching[0]!.success(at(10, Number.NaN))
    await expect(asked).rejects.toMatchObject({ reason: 'unavailable' })
  })
})

describe('what a plain browser can do', () => {
  it('is less on a desk than on a phone', async () => {
    const went = leavesFor()
    expect(browserBridge().can('call')).toBe(true)
    await browserBridge().callPhone('13800000001')
    be('Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36')
    expect(browserBridge().can('call')).toBe(false)
    await expect(browserBridge().callPhone('13800000001')).rejects.toMatchObject({ reason: 'missing' })
    expect(went).toEqual(['tel:13800000001'])
  })

  it('has no host to ask', async () => {
    const host = browserBridge()
    for (const asked of [host.authCode('', ''), host.scan(), host.chooseMember(''), host.close()]) {
      await expect(asked).rejects.toMatchObject({ reason: 'missing' })
    }
  })

  it('takes pictures by the file input', async () => {
    const photo = browserBridge().takePhoto()
    takesPicture('the shop')
    expect(await contentOf(await photo)).toBe('the shop')
  })
})
