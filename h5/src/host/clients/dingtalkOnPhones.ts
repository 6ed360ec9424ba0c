/** What the DingTalk bridge must do on every phone; each system runs it in a file of its own. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AUTHORISES, DingtalkClient, type Reply } from './dingtalk'
import { CONFIG, positions, type Stage } from './dingtalkPositions'
import { pictures } from './dingtalkPictures'
import { leavesFor } from './person'

const MAP = 'biz.map.view'
const CALLS = 'biz.telephone.showCallMenu'
const PICKS = 'biz.contact.complexPicker'
const PLACE = { name: '华联超市', address: '中山路 1 号', gcj_lat: 30.6, gcj_lng: 114.31 }
const PAGE = { title: '华联超市', text: 'A 级客户', url: 'https://crm.example/h5/#/customers/1' }

/** Somebody presses cancel: iPhones say it by a code, Android in the same words. */
const CANCELLED: Reply = { no: '-1', says: 'cancel' }

export function dingtalkOn(system: 'ios' | 'android'): void {
  const client = new DingtalkClient(system)
  const sign: Stage['sign'] = vi.fn()
  const stage = { client, sign } as Stage

  beforeEach(async () => {
    client.reset()
    history.replaceState(null, '', '/h5/?host=dingtalk')
    vi.mocked(sign).mockReset().mockResolvedValue({ config: CONFIG, agent_config: {} })
    const { dingtalkBridge } = await import('../dingtalk')
    stage.host = await dingtalkBridge('ding1', sign, location.href)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    document.querySelectorAll('input[type=file]').forEach(input => input.remove())
  })

  it('can do everything', () => {
    const all = ['position', 'scan', 'map', 'call', 'members', 'share', 'close'] as const
    expect(all.map(stage.host.can)).toEqual(all.map(() => true))
  })

  positions(stage)

  pictures(stage)

  describe('a code', () => {
    it.each([[{ text: 'SKU-1' }], [{ code: 'SKU-1' }]])('is read from %j', async (said) => {
      client.on('biz.util.scan', { ok: said })
      expect(await stage.host.scan()).toBe('SKU-1')
      expect(client.params('biz.util.scan')).toMatchObject({ type: 'all' })
      expect(sign).not.toHaveBeenCalled()
    })

    it.each([
      [CANCELLED, 'cancelled'], [{ ok: {} }, 'unavailable'], [{ ok: null }, 'unavailable'],
      [{ no: '1' }, 'missing'],
    ] as [Reply, string][])('that is not there: %j is %s', async (reply, reason) => {
      client.on('biz.util.scan', reply)
      await expect(stage.host.scan()).rejects.toMatchObject({ reason })
    })
  })

  describe('a colleague', () => {
    it('is chosen from the company', async () => {
      client.on(PICKS, { ok: { selectedCount: 1, users: [{ name: '韩梅梅', avatar: '', emplId: 'hanmeimei' }] } })
      expect(await stage.host.chooseMember('交给谁')).toEqual({ host_user_id: 'hanmeimei', name: '韩梅梅' })
      expect(client.params(PICKS)).toMatchObject({
        title: '交给谁', corpId: 'ding1', appId: 123, multiple: false, maxUsers: 1,
      })
    })

    it.each([
      [{ ok: { selectedCount: 0, users: [] } }, 'cancelled'], [CANCELLED, 'cancelled'],
      [{ ok: {} }, 'cancelled'], [{ ok: { users: [{ name: '韩梅梅' }] } }, 'unavailable'],
      [{ no: '1' }, 'missing'],
    ] as [Reply, string][])('that is nobody: %j is %s', async (reply, reason) => {
      client.on(PICKS, reply)
      await expect(stage.host.chooseMember('交给谁')).rejects.toMatchObject({ reason })
    })
  })

  describe('sharing', () => {
    it('offers what the client has', async () => {
      client.on('biz.util.share', { ok: { result: 1 } })
      expect(await stage.host.share(PAGE)).toBe('shared')
      expect(client.params('biz.util.share')).toMatchObject({
        type: 0, title: PAGE.title, content: PAGE.text, url: PAGE.url,
      })
    })

    it('may be broken off', async () => {
      client.on('biz.util.share', CANCELLED)
      await expect(stage.host.share(PAGE)).rejects.toMatchObject({ reason: 'cancelled' })
    })

    it('copies the address where the client has nothing', async () => {
      client.on('biz.util.share', { no: '1' })
      expect(await stage.host.share(PAGE)).toBe('copied')
      expect(await navigator.clipboard.readText()).toBe(`${PAGE.title} ${PAGE.url}`)
    })
  })

  describe('the way there', () => {
    it('is shown on the client\'s map', async () => {
      client.on(MAP, { ok: {} })
      await stage.host.openMap(PLACE)
      expect(client.params(MAP)).toMatchObject({ latitude: 30.6, longitude: 114.31, title: '华联超市' })
    })

    it.each([[{ no: '1' }], [{ no: '7' }]])('is shown by Amap after %j', async (reply) => {
      const went = leavesFor()
      client.on(MAP, reply)
      await stage.host.openMap(PLACE)
      expect(went).toHaveLength(1)
      expect(new URL(went[0]!).searchParams.get('position')).toBe('114.31,30.6')
    })

    it('is given up when the client says nothing', async () => {
      vi.useFakeTimers()
      client.on(MAP, 'silence')
      const refused = expect(stage.host.openMap(PLACE)).rejects.toMatchObject({ reason: 'timeout' })
      await vi.advanceTimersByTimeAsync(10_000)
      await refused
    })
  })

  describe('a call', () => {
    it.each([
      ['138 0000 0001', '138 0000 0001'], ['+86 13800000001', '13800000001'],
      ['0086-13800000001', '13800000001'], ['027-88886666', '027-88886666'],
    ])('to %s asks the client to dial %s', async (phone, dialled) => {
      client.on(CALLS, { ok: {} })
      await stage.host.callPhone(phone)
      expect(client.params(CALLS)).toMatchObject({ phoneNumber: dialled, code: '+86' })
    })

    it('abroad is the phone\'s own matter', async () => {
      const went = leavesFor()
      client.on(CALLS, { ok: {} })
      await stage.host.callPhone('+852 2345 6789')
      expect([went, client.calls(CALLS)]).toEqual([['tel:+852 2345 6789'], []])
    })

    it('goes through without the client\'s leave', async () => {
      const went = leavesFor()
      vi.spyOn(console, 'warn').mockReturnValue()
      client.on(AUTHORISES, { no: '52013' })
      await stage.host.callPhone('13800000001')
      expect(went).toEqual(['tel:13800000001'])
    })

    it('may be broken off', async () => {
      client.on(CALLS, CANCELLED)
      await expect(stage.host.callPhone('13800000001')).rejects.toMatchObject({ reason: 'cancelled' })
    })
  })

  describe('signing in', () => {
    const NEW = 'runtime.permission.requestAuthCodeV2'

    it('takes a code for this app, without a signature', async () => {
      client.on(NEW, { ok: { code: 'c-1' } })
      expect(await stage.host.authCode('ding1', 'app1')).toBe('c-1')
      expect(client.params(NEW)).toMatchObject({ corpId: 'ding1', clientId: 'app1' })
      expect(sign).not.toHaveBeenCalled()
    })

    it.each([
      [{ ok: {} }, 'unavailable'], [{ ok: { code: '' } }, 'unavailable'], [{ ok: null }, 'unavailable'],
      [{ no: '7' }, 'unsigned'], [CANCELLED, 'cancelled'],
    ] as [Reply, string][])('without a code: %j is %s', async (reply, reason) => {
      client.on(NEW, reply)
      await expect(stage.host.authCode('ding1', 'app1')).rejects.toMatchObject({ reason })
    })

    it('is given up after 10 s', async () => {
      vi.useFakeTimers()
      client.on(NEW, 'silence')
      const refused = expect(stage.host.authCode('ding1', 'app1')).rejects.toMatchObject({ reason: 'timeout' })
      await vi.advanceTimersByTimeAsync(10_000)
      await refused
    })
  })

  describe('around the page', () => {
    it('the title is the client\'s', async () => {
      client.on('biz.navigation.setTitle', { ok: {} })
      await stage.host.setTitle('客户')
      expect([document.title, client.params('biz.navigation.setTitle')]).toEqual([
        '客户', expect.objectContaining({ title: '客户' }),
      ])
    })

    it.each([
      [{ ok: { result: '5g' } }, '5g'], [{ ok: { result: 'none' } }, 'none'], [{ ok: {} }, ''],
      [{ no: '3' }, ''],
    ] as [Reply, string][])('the network of %j is %j', async (reply, network) => {
      client.on('device.connection.getNetworkType', reply)
      expect(await stage.host.networkType()).toBe(network)
    })

    it('the network is not waited for', async () => {
      vi.useFakeTimers()
      client.on('device.connection.getNetworkType', 'silence')
      const asked = stage.host.networkType()
      await vi.advanceTimersByTimeAsync(3_000)
      expect(await asked).toBe('')
    })

    it('hears of the network from the client and from the WebView', () => {
      const told: boolean[] = []
      stage.host.onNetworkChange(online => told.push(online))
      document.dispatchEvent(new Event('offline'))
      window.dispatchEvent(new Event('online'))
      expect(told).toEqual([false, true])
    })

    it('closes', async () => {
      client.on('biz.navigation.close', { ok: {} })
      await stage.host.close()
      expect(client.calls('biz.navigation.close')).toHaveLength(1)
    })
  })
}
