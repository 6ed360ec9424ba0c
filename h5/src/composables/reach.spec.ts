import { afterEach, expect, it, vi } from 'vitest'
import { leavesFor } from '../host/clients/person'
import { t } from '../locales'
import { reach } from './reach'

// No host is connected in this test: the page is in a plain browser, on a desk.
Object.defineProperty(navigator, 'userAgent', {
  value: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36', configurable: true,
})
afterEach(() => void vi.restoreAllMocks())

it('shows the number where nobody can call', async () => {
  const went = leavesFor()
  void reach.call('138 0000 0001')
  await expect.poll(() => document.body.textContent).toContain('138 0000 0001')
  expect(document.body.textContent).toContain(t('failure.call_missing'))
  expect(went).toEqual([])
})

it('shows the way to a customer', async () => {
  const went = leavesFor()
  const place = { gcj_lat: 30.6, gcj_lng: 114.31 }
  await reach.navigate({ id: '1', name: '华联超市', address: '', phone: '', place })
  expect(went).toHaveLength(1)
})
