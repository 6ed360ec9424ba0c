import { afterEach, describe, expect, it, vi } from 'vitest'
import { closesCamera, contentOf, takesPicture } from './clients/person'
import { domestic, isAtLeast, isHandheld, pickFromCamera, shareByWeb } from './web'

function systemShares(outcome: () => Promise<void>) {
  Object.defineProperty(navigator, 'share', { value: vi.fn(outcome), configurable: true })
}

afterEach(() => {
  vi.restoreAllMocks()
  document.querySelectorAll('input[type=file]').forEach(input => input.remove())
})

describe('a photo by the file input', () => {
  it('comes as bytes from the camera', async () => {
    const photo = pickFromCamera()
    const input = document.querySelector<HTMLInputElement>('input[type=file]')
    expect([input?.accept, input?.getAttribute('capture')]).toEqual(['image/*', 'environment'])
    takesPicture('the shop')
    expect(await contentOf(await photo)).toBe('the shop')
    expect(document.querySelector('input[type=file]')).toBeNull()
  })

  it('may be left out', async () => {
    const photo = pickFromCamera()
    closesCamera()
    await expect(photo).rejects.toMatchObject({ reason: 'cancelled' })
  })

  it('of last week is not taken for one of now', async () => {
    const photo = pickFromCamera()
    takesPicture('the shop', Date.now() - 7 * 24 * 3600_000)
    await expect(photo).rejects.toMatchObject({ reason: 'not_live' })
  })

  it('is believed where the WebView gives it no time', async () => {
    const photo = pickFromCamera()
    takesPicture('the shop', 0)
    expect(await contentOf(await photo)).not.toBe('')
  })

  it('that the WebView never told about ends when another one is asked for', async () => {
    const forgotten = pickFromCamera()
    const photo = pickFromCamera()
    await expect(forgotten).rejects.toMatchObject({ reason: 'cancelled' })
    takesPicture('the shop')
    expect(await contentOf(await photo)).toBe('the shop')
  })
})

describe('handing a page on', () => {
  const page = { title: '华联超市', text: 'A 级客户', url: 'https://crm.example/h5/' }

  afterEach(() => void Reflect.deleteProperty(navigator, 'share'))

  it('uses the system\'s own sheet', async () => {
    systemShares(() => Promise.resolve())
    expect(await shareByWeb(page)).toBe('shared')
  })

  it('may be broken off', async () => {
    systemShares(() => Promise.reject(new DOMException('', 'AbortError')))
    await expect(shareByWeb(page)).rejects.toMatchObject({ reason: 'cancelled' })
  })

  it('falls back to the clipboard', async () => {
    systemShares(() => Promise.reject(new DOMException('', 'NotAllowedError')))
    expect(await shareByWeb(page)).toBe('copied')
    expect(await navigator.clipboard.readText()).toBe('华联超市 https://crm.example/h5/')
  })
})

it.each([
  ['+86 138 0000 0001', '138 0000 0001'], ['0086-13800000001', '13800000001'],
  ['8613800000001', '8613800000001'], ['+852 23456789', '+852 23456789'],
])('dials %s at home as %s', (phone, dialled) => {
  expect(domestic(phone)).toBe(dialled)
})

it.each([
  ['7.0.45', '7.0.45', true], ['7.0.9', '7.0.45', false], ['7.1', '7.0.45', true],
  ['7', '7.0.45', false], ['', '7.0.45', true],
])('finds that %j is %j or newer: %j', (found, wanted, is) => {
  expect(isAtLeast(found, wanted)).toBe(is)
})

it.each([
  ['Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X)', 5, true],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 5, true],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 0, false],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 10, false],
])('knows a tablet from a desk: %s with %i fingers', (agent, fingers, is) => {
  Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
  Object.defineProperty(navigator, 'maxTouchPoints', { value: fingers, configurable: true })
  expect(isHandheld()).toBe(is)
})
