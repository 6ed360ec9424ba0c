/** Positions and the page's signature under which they are asked for, on every phone. */

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Unreachable } from '../../api/problem'
import type { HostBridge } from '../bridge'
import type { Sign } from '../dingtalkSigning'
import { AUTHORISES, type DingtalkClient } from './dingtalk'

export interface Stage {
  client: DingtalkClient
  sign: Sign
  host: HostBridge
}

export const CONFIG = { agentId: '123', corpId: 'ding1', timeStamp: '1', nonceStr: 'n', signature: 's' }
const LOCATES = 'device.geolocation.get'
const HERE = { longitude: 114.3, latitude: 30.59, accuracy: 35, netType: 'wifi' }

export function positions(stage: Stage): void {
  const { client, sign } = stage

  describe('a position', () => {
    it('is fresh, in GCJ-02, and asked for under the page\'s signature', async () => {
      client.on(LOCATES, { ok: HERE })
      const before = Date.now()
      const { taken_at, ...fix } = await stage.host.currentFix()
      expect(fix).toEqual({
        lat: 30.59, lng: 114.3, datum: 'GCJ02', accuracy_m: 35, provider: '', is_mock: null,
        network: 'wifi',
      })
      expect(taken_at).toBeGreaterThanOrEqual(before)
      expect(client.params(AUTHORISES)).toMatchObject({ ...CONFIG, jsApiList: expect.arrayContaining([LOCATES]) })
      expect(client.params(LOCATES)).toMatchObject({ coordinate: 1, useCache: false, withReGeocode: false })
    })

    it.each([
      ['texts', { longitude: '114.30', latitude: '30.59', accuracy: '35' }, 35],
      ['one level deeper', { location: HERE }, 35],
      ['without accuracy', { longitude: 114.3, latitude: 30.59 }, null],
      ['with an accuracy that no phone has', { ...HERE, accuracy: 0 }, 0],
      ['with a negative accuracy', { ...HERE, accuracy: -1 }, null],
    ])('is read from %s', async (_, said, accuracy_m) => {
      client.on(LOCATES, { ok: said })
      expect(await stage.host.currentFix()).toMatchObject({ lat: 30.59, lng: 114.3, accuracy_m })
    })

    it.each([
      [{ isFromMock: true, provider: 'gps' }, true, 'gps'],
      [{ isFromMock: false, provider: 'lbs' }, false, 'cell'],
      [{ isFromMock: 'true', provider: 'wifi' }, true, 'wifi'],
      [{ provider: 'network' }, null, ''],
    ])('carries what Android knows of its source: %j', async (more, is_mock, provider) => {
      client.on(LOCATES, { ok: { ...HERE, ...more } })
      expect(await stage.host.currentFix()).toMatchObject({ is_mock, provider })
    })

    it.each([
      [{}], [null], ['30.59,114.3'], [{ latitude: 'north', longitude: 'east' }],
      [{ latitude: '', longitude: '' }], [{ latitude: 0, longitude: 0 }],
      [{ latitude: 91, longitude: 114 }], [{ latitude: 30.59 }],
    ])('that is none is refused: %j', async (said) => {
      client.on(LOCATES, { ok: said })
      await expect(stage.host.currentFix()).rejects.toMatchObject({ reason: 'unavailable' })
    })

    it.each([
      ['11', 'denied'], [11, 'denied'], ['14', 'timeout'], ['12', 'unavailable'],
      ['13', 'unavailable'], ['1', 'missing'], ['-1', 'cancelled'], [undefined, 'unavailable'],
    ])('refused with %j is %s', async (no, reason) => {
      client.on(LOCATES, { no })
      await expect(stage.host.currentFix()).rejects.toMatchObject({ reason })
    })

    it('is given up after 25 s, and one that comes later changes nothing', async () => {
      vi.useFakeTimers()
      client.on(LOCATES, 'silence')
      const asked = stage.host.currentFix()
      const refused = expect(asked).rejects.toMatchObject({ reason: 'timeout' })
      await vi.advanceTimersByTimeAsync(24_900)
      await vi.advanceTimersByTimeAsync(200)
      await refused
      const again = stage.host.currentFix()
      await vi.advanceTimersByTimeAsync(0)
      const [late, fresh] = client.calls(LOCATES)
      late!.answer({ ok: { ...HERE, latitude: 1 } })
      fresh!.answer({ ok: HERE })
      expect((await again).lat).toBe(30.59)
    })

    it('counts once, however often the client answers', async () => {
      client.on(LOCATES, 'silence')
      const asked = stage.host.currentFix()
      await expect.poll(() => client.calls(LOCATES).length).toBe(1)
      const [call] = client.calls(LOCATES)
      call!.answer({ ok: HERE })
      call!.answer({ no: '13' })
      call!.answer({ ok: { ...HERE, latitude: 1 } })
      expect((await asked).lat).toBe(30.59)
    })
  })

  describe('the signature', () => {
    beforeEach(() => client.on(LOCATES, { ok: HERE }))

    it('is asked for once, without the hash', async () => {
      location.hash = '#/today'
      await Promise.all([stage.host.currentFix(), stage.host.currentFix()])
      location.hash = '#/check-in/1'
      await stage.host.currentFix()
      expect(vi.mocked(sign).mock.calls).toEqual([[location.href.split('#')[0]]])
    })

    it('follows the page\'s address where the client compares with that', async () => {
      const entered = location.href
      await stage.host.currentFix()
      history.replaceState(null, '', '/h5/?host=dingtalk&connection=2')
      await stage.host.currentFix()
      const now = location.href
      expect(vi.mocked(sign).mock.calls.flat()).toEqual(client.system === 'ios' ? [entered, now] : [entered])
    })

    it('that our server could not give is asked for again', async () => {
      const warned = vi.spyOn(console, 'warn').mockReturnValue()
      vi.mocked(sign).mockRejectedValueOnce(new Unreachable('no network'))
      await expect(stage.host.currentFix()).rejects.toMatchObject({ reason: 'unsigned' })
      expect((await stage.host.currentFix()).lat).toBe(30.59)
      expect(warned).toHaveBeenCalledOnce()
    })

    it('that the client refused is asked for again', async () => {
      const warned = vi.spyOn(console, 'warn').mockReturnValue()
      client.on(AUTHORISES, { no: '52013', says: '签名校验失败' }, { ok: {} })
      await expect(stage.host.currentFix()).rejects.toMatchObject({ reason: 'unsigned' })
      expect((await stage.host.currentFix()).lat).toBe(30.59)
      expect(warned).toHaveBeenCalledOnce()
    })

    it('that the client does not answer to is given up, and asked for again', async () => {
      vi.useFakeTimers()
      vi.spyOn(console, 'warn').mockReturnValue()
      client.on(AUTHORISES, 'silence', { ok: {} })
      const refused = expect(stage.host.currentFix()).rejects.toMatchObject({ reason: 'unsigned' })
      await vi.advanceTimersByTimeAsync(10_000)
      await refused
      expect((await stage.host.currentFix()).lat).toBe(30.59)
    })

    it('that the client forgot is renewed at once', async () => {
      client.on(LOCATES, { no: '7' }, { ok: HERE })
      expect((await stage.host.currentFix()).lat).toBe(30.59)
      expect(sign).toHaveBeenCalledTimes(2)
    })

    it('is not renewed for ever', async () => {
      client.on(LOCATES, { no: '7' })
      await expect(stage.host.currentFix()).rejects.toMatchObject({ reason: 'unsigned' })
      expect(client.calls(LOCATES)).toHaveLength(2)
    })
  })
}
