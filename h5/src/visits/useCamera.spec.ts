import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { closesCamera, takesPicture } from '../host/clients/person'
import { t } from '../locales'
import { useCamera } from './useCamera'

let page: EffectScope
let camera: ReturnType<typeof useCamera>

beforeEach(() => {
  vi.useFakeTimers()
  page = effectScope()
  camera = page.run(useCamera)!
})
afterEach(() => {
  page.stop()
  vi.useRealTimers()
  document.querySelectorAll('input[type=file]').forEach(input => input.remove())
})

describe('the camera\'s button', () => {
  it('opens one camera, however often it is pressed', async () => {
    const taken = camera.take()
    expect(await camera.take()).toBeNull()
    closesCamera()
    expect(await taken).toBeNull()
    await vi.advanceTimersByTimeAsync(0)
    expect(camera.taking.value).toBe(false)
  })

  it('says why an old picture is not taken', async () => {
    const taken = camera.take()
    takesPicture('the shop', Date.now() - 24 * 3600_000)
    expect(await taken).toBeNull()
    await vi.advanceTimersByTimeAsync(0)
    expect(document.body.textContent).toContain(t('photo.not_live'))
  })

  it('is free again although an old WebView tells nothing about a closed camera', async () => {
    void camera.take()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(camera.taking.value).toBe(false)
  })

  it('belongs to the newest camera when an older one ends', async () => {
    const forgotten = camera.take()
    await vi.advanceTimersByTimeAsync(20_000)
    void camera.take()
    expect(await forgotten).toBeNull()
    await vi.advanceTimersByTimeAsync(0)
    expect(camera.taking.value).toBe(true)
  })

  it('is free sooner once the page is seen again', async () => {
    void camera.take()
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(2_900)
    expect(camera.taking.value).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(camera.taking.value).toBe(false)
  })
})
