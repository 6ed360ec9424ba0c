import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { Refused, Unreachable } from '../api/problem'
import { online } from '../composables/useOnline'
import PageFailed from './PageFailed.vue'
import PressFailure from './PressFailure.vue'

let is_up = false
let asked = 0

beforeEach(() => {
  vi.useFakeTimers()
  is_up = false
  asked = 0
  vi.stubGlobal('fetch', async () => {
    asked++
    if (!is_up) throw new TypeError('Failed to fetch')
    return Response.json({ status: 'ok' })
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  online.value = true
})

describe('what is said when no answer came', () => {
  it('vanishes by itself once the server answers again', async () => {
    const said = mount(PressFailure, { props: { failure: new Unreachable('gone'), state: 'unsent' } })
    await vi.advanceTimersByTimeAsync(11_000)
    expect(said.text()).toContain('连不上服务器')
    is_up = true
    await vi.advanceTimersByTimeAsync(5000)
    expect(said.text()).toBe('网络恢复了，再按一次即可，不会重复。')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(3) // and then it is left alone
    await said.setProps({ failure: new Unreachable('gone again') })
    expect(said.text()).toContain('连不上服务器')
    said.unmount()
  })

  it('is a page that opens by itself when the phone finds its network', async () => {
    online.value = false
    const page = mount(PageFailed, { props: { failure: new Unreachable('gone') } })
    is_up = true
    online.value = true
    await nextTick()
    await vi.advanceTimersByTimeAsync(0)
    expect(page.emitted('retry')).toHaveLength(1)
    page.unmount()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(1)
  })

  it('stays where the server itself said no', async () => {
    is_up = true
    const said = mount(PressFailure, { props: { failure: new Refused(409, { detail: '请先签退' }), state: 'refused' } })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(said.text()).toBe('请先签退')
    expect(asked).toBe(0)
  })
})
