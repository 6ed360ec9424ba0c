import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => void vi.useRealTimers())

it('gives up when the client never comes up at all', async () => {
  const agent = 'Mozilla/5.0 (Linux; Android 13) wxwork/4.1.36 MicroMessenger/7.0.1'
  Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
  const { wecomBridge } = await import('./wecom')
  const host = wecomBridge('ww1', async () => ({ config: {}, agent_config: {} }))
  vi.useFakeTimers()
  const place = { name: '', address: '', gcj_lat: 30, gcj_lng: 114 }
  const refused = Promise.all(
    [host.currentFix(), host.openMap(place), host.close()].map(asked =>
      expect(asked).rejects.toMatchObject({ reason: 'timeout' })),
  )
  await vi.advanceTimersByTimeAsync(25_000)
  await refused
})
