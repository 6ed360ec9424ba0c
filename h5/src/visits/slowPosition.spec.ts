/** A phone that takes long to find itself keeps nobody from arriving or leaving. */

import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { t } from '../locales'
import FixState from './FixState.vue'
import { useCheckIn } from './useCheckIn'
import { useCheckOut } from './useCheckOut'

const VISIT = { id: 'v-1' }
let finds: (accuracy: number) => void
let sent: { path: string, fix: { accuracy_m: number } | null }[]
let page: EffectScope

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  Object.defineProperty(navigator, 'geolocation', {
    value: {
      watchPosition(success: (position: object) => void) {
        finds = accuracy => success({
          coords: { latitude: 30.59, longitude: 114.3, accuracy }, timestamp: Date.now(),
        })
        return 1
      },
      clearWatch: () => undefined,
    },
    configurable: true,
  })
  globalThis.fetch = async (path, init) => {
    if (init?.method === 'POST') sent.push({ path: String(path), ...JSON.parse(String(init.body)) })
    return new Response(JSON.stringify(VISIT), { headers: { 'content-type': 'application/json' } })
  }
  page = effectScope()
})
afterEach(() => {
  page.stop()
  vi.useRealTimers()
})

describe('leaving', () => {
  it('waits for the phone, until somebody has had enough', async () => {
    const { press, locating, withoutFix } = page.run(() => useCheckOut('v-1'))!
    const pressed = press()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([locating.state.value, locating.slow.value, sent]).toEqual(['locating', true, []])
    withoutFix.value = true
    expect(await pressed).toEqual(VISIT)
    expect(sent).toMatchObject([{ fix: null }])
  })

  it('takes a position that comes after twenty seconds', async () => {
    const { press, locating } = page.run(() => useCheckOut('v-1'))!
    const pressed = press()
    await vi.advanceTimersByTimeAsync(20_000)
    finds(30)
    expect(await pressed).toEqual(VISIT)
    expect(sent).toMatchObject([{ fix: { accuracy_m: 30 } }])
    expect(locating.slow.value).toBe(false)
  })
})

describe('arriving', () => {
  const arriving = { customerId: 'c-1', planId: null, visitType: undefined }

  it('without a position needs a press of its own', async () => {
    const { press, goWithoutFix, relocate } = page.run(() => useCheckIn(arriving))!
    void relocate()
    const pressed = press()
    goWithoutFix()
    expect(await pressed).toBeNull()
    expect(await press()).toEqual(VISIT)
    expect(sent).toMatchObject([{ fix: null }])
  })

  it('takes a position that comes late all the same', async () => {
    const { press, goWithoutFix, relocate, withoutFix } = page.run(() => useCheckIn(arriving))!
    void relocate()
    goWithoutFix()
    finds(30)
    await vi.advanceTimersByTimeAsync(0)
    expect(withoutFix.value).toBe(false)
    await press()
    expect(sent.filter(({ path }) => path.endsWith('/visits'))).toMatchObject([{ fix: { accuracy_m: 30 } }])
  })
})

const shown = (props: object) => mount(FixState, {
  props: { state: 'locating', fix: null, refusal: null, ...props },
})
const fix = (accuracy_m: number) => ({
  lat: 30, lng: 114, datum: 'WGS84', accuracy_m, provider: '', is_mock: null, network: '', taken_at: 0,
})

describe('what is shown of it', () => {
  it('offers to go on only when it is slow', async () => {
    const state = shown({})
    expect(state.find('[data-test="without-fix"]').exists()).toBe(false)
    await state.setProps({ slow: true })
    expect(state.text()).toContain(t('fix.slow_text'))
    await state.get('[data-test="without-fix"]').trigger('click')
    expect(state.emitted('goOn')).toHaveLength(1)
  })

  it('keeps the choice to go without, and the way back', () => {
    const state = shown({ slow: true, withoutFix: true })
    expect(state.text()).toContain(t('fix.without'))
    expect(state.find('[data-test="relocate"]').exists()).toBe(true)
    expect(state.find('[data-test="without-fix"]').exists()).toBe(false)
  })

  it.each([[30, false], [501, true]])('advises precise location at ±%i m: %j', (accuracy_m, advised) => {
    const state = shown({ state: 'located', fix: fix(accuracy_m) })
    expect(state.text().includes(t('fix.coarse_text'))).toBe(advised)
  })
})
