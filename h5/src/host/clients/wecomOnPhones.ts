/** What the WeCom bridge must do on every phone; each system runs it in a file of its own. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Unreachable } from '../../api/problem'
import type { PageSignature } from '../../api/types'
import type { HostBridge } from '../bridge'
import { leavesFor } from './person'
import { VERIFIES, WecomClient, type Reply } from './wecom'

const LOCATES = 'geoLocation'
const HERE = { latitude: 30.59, longitude: 114.3, accuracy: 35, speed: 0 }
const PLACE = { name: '华联超市', address: '中山路 1 号', gcj_lat: 30.6, gcj_lng: 114.31 }
const PAGE = { title: '华联超市', text: 'A 级客户', url: 'https://crm.example/h5/#/customers/1' }
const CONFIG = { appId: 'ww1', timestamp: 1767225600, nonceStr: 'n', signature: 's' }
const CANCELLED: Reply = { err_msg: 'cancel' }

let addresses = 0

export function wecomOn(client: WecomClient): void {
  const sign: (url: string) => Promise<PageSignature> = vi.fn()
  let host: HostBridge

  beforeEach(async () => {
    client.reset()
    // The script keeps a signature as long as the address; each test begins without one.
    history.replaceState(null, '', `/h5/?page=${++addresses}`)
    vi.mocked(sign).mockReset().mockResolvedValue({ config: CONFIG, agent_config: {} })
    const { wecomBridge } = await import('../wecom')
    host = wecomBridge('ww1', sign)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    document.querySelectorAll('input[type=file]').forEach(input => input.remove())
  })

  it('can do everything', () => {
    const all = ['position', 'scan', 'map', 'call', 'members', 'share', 'close'] as const
    expect(all.map(host.can)).toEqual(all.map(() => true))
  })

  it('signs nothing before it is needed', () => {
    expect(sign).not.toHaveBeenCalled()
    expect(client.asked).toEqual([])
  })

  describe('a position', () => {
    it('is in WGS-84, with the network\'s name, under the page\'s signature', async () => {
      client.on(LOCATES, HERE)
      client.on('getNetworkType', { networkType: '4g' })
      const before = Date.now()
      const { taken_at, ...fix } = await host.currentFix()
      expect(fix).toEqual({
        lat: 30.59, lng: 114.3, datum: 'WGS84', accuracy_m: 35, provider: '', is_mock: null,
        network: '4g',
      })
      expect(taken_at).toBeGreaterThanOrEqual(before)
      expect(client.params(LOCATES)).toMatchObject({ type: 'wgs84', verifySignature: 's' })
      expect(client.params(VERIFIES)).toMatchObject({
        appId: 'ww1', verifyNonceStr: 'n', verifyTimestamp: '1767225600', verifySignature: 's',
        verifyJsApiList: expect.arrayContaining([LOCATES, 'scanQRCode']),
      })
    })

    it('is read from texts, and does without a network\'s name', async () => {
      client.on(LOCATES, { latitude: '30.59', longitude: '114.30', accuracy: '35' })
      expect(await host.currentFix()).toMatchObject({ lat: 30.59, accuracy_m: 35, network: '' })
    })

    it('does not wait for the network\'s name', async () => {
      vi.useFakeTimers()
      client.on(LOCATES, HERE)
      client.on('getNetworkType', 'silence')
      const asked = host.currentFix()
      await vi.advanceTimersByTimeAsync(3_000)
      expect((await asked).network).toBe('')
    })

    it.each([
      [{}], [{ latitude: 'north', longitude: 'east' }], [{ latitude: '', longitude: '' }],
      [{ latitude: 0, longitude: 0 }], [{ latitude: 91, longitude: 114 }], [{ latitude: null }],
    ])('that is none is refused: %j', async (said) => {
      client.on(LOCATES, said)
      await expect(host.currentFix()).rejects.toMatchObject({ reason: 'unavailable' })
    })

    it.each([
      ['cancel', 'cancelled'], ['fail_auth deny', 'denied'], ['fail system permission denied', 'denied'],
      ['access denied', 'denied'], ['fail, gps closed.', 'denied'], ['fail timeout', 'timeout'],
      ['function_not_exist', 'missing'], ['fail', 'unavailable'], ['failed_', 'unavailable'],
      ['fail no permission', 'unsigned'],
    ])('refused with %j is %s', async (err_msg, reason) => {
      client.on(LOCATES, { err_msg })
      await expect(host.currentFix()).rejects.toMatchObject({ reason })
    })

    it('is waited for 25 s, as coarse phones need it; a later one changes nothing', async () => {
      vi.useFakeTimers()
      client.on(LOCATES, 'silence')
      const refused = expect(host.currentFix()).rejects.toMatchObject({ reason: 'timeout' })
      await vi.advanceTimersByTimeAsync(25_000)
      await refused
      const again = host.currentFix()
      await vi.advanceTimersByTimeAsync(0)
      const [late, fresh] = client.calls(LOCATES)
      late!.answer({ ...HERE, latitude: 1 })
      fresh!.answer(HERE)
      await vi.advanceTimersByTimeAsync(3_000)
      expect((await again).lat).toBe(30.59)
    })

    it('counts once, however often the client answers', async () => {
      client.on(LOCATES, 'silence')
      const asked = host.currentFix()
      await expect.poll(() => client.calls(LOCATES).length).toBe(1)
      const [call] = client.calls(LOCATES)
      call!.answer(HERE)
      call!.answer({ err_msg: 'fail' })
      call!.answer({ ...HERE, latitude: 1 })
      expect((await asked).lat).toBe(30.59)
    })
  })

  describe('the signature', () => {
    beforeEach(() => client.on(LOCATES, HERE))

    it('is asked for once, without the hash', async () => {
      location.hash = '#/today'
      await Promise.all([host.currentFix(), host.currentFix()])
      location.hash = '#/check-in/1'
      await host.currentFix()
      expect(vi.mocked(sign).mock.calls).toEqual([[location.href.split('#')[0]]])
    })

    it('follows the page\'s address', async () => {
      const entered = location.href
      await host.currentFix()
      history.replaceState(null, '', `/h5/?page=${++addresses}`)
      await host.currentFix()
      expect(vi.mocked(sign).mock.calls.flat()).toEqual([entered, location.href])
    })

    it('that went to an address of before is made again', async () => {
      vi.mocked(sign).mockImplementationOnce(async () => {
        await new Promise(resolve => setTimeout(resolve))
        history.replaceState(null, '', `/h5/?page=${++addresses}`)
        return { config: CONFIG, agent_config: {} }
      })
      expect((await host.currentFix()).lat).toBe(30.59)
      expect(vi.mocked(sign).mock.lastCall).toEqual([location.href])
    })

    it('that our server could not give is asked for again', async () => {
      const warned = vi.spyOn(console, 'warn').mockReturnValue()
      vi.mocked(sign).mockRejectedValueOnce(new Unreachable('no network'))
      await expect(host.currentFix()).rejects.toMatchObject({ reason: 'unsigned' })
      expect((await host.currentFix()).lat).toBe(30.59)
      expect(warned).toHaveBeenCalledOnce()
    })

    it('that the client refused is asked for again', async () => {
      client.on(VERIFIES, { err_msg: 'fail_invalid signature' }, {})
      await expect(host.currentFix()).rejects.toMatchObject({ reason: 'unsigned' })
      expect((await host.currentFix()).lat).toBe(30.59)
    })
  })

  describe('a code', () => {
    it.each([['SKU-1', 'SKU-1'], ['CODE_128,6901234567892', '6901234567892']])('of %j says %j', async (code, said) => {
      const resultStr = client.system === 'ios'
        ? JSON.stringify({ scan_code: { scan_result: code } })
        : code
      client.on('scanQRCode', { resultStr })
      expect(await host.scan()).toBe(said)
      expect(client.params('scanQRCode')).toMatchObject({ needResult: 1 })
    })

    it.each([
      [CANCELLED, 'cancelled'], [{}, 'unavailable'], [{ resultStr: '' }, 'unavailable'],
      [{ err_msg: 'function_not_exist' }, 'missing'],
    ] as [Reply, string][])('that is not there: %j is %s', async (reply, reason) => {
      client.on('scanQRCode', reply)
      await expect(host.scan()).rejects.toMatchObject({ reason })
    })
  })

  describe('a colleague', () => {
    const userList = [{ id: 'hanmeimei', name: '韩梅梅', avatar: '' }]

    it.each([[{ userList }], [JSON.stringify({ userList })]])('is chosen from %j', async (result) => {
      client.on('selectEnterpriseContact', { result })
      expect(await host.chooseMember('交给谁')).toEqual({ host_user_id: 'hanmeimei', name: '韩梅梅' })
      expect(client.params('selectEnterpriseContact')).toMatchObject({ mode: 'single', type: ['user'] })
    })

    it.each([
      [CANCELLED, 'cancelled'], [{ result: {} }, 'cancelled'], [{ result: 'nonsense' }, 'cancelled'],
      [{}, 'cancelled'], [{ err_msg: 'function_not_exist' }, 'missing'],
    ] as [Reply, string][])('that is nobody: %j is %s', async (reply, reason) => {
      client.on('selectEnterpriseContact', reply)
      await expect(host.chooseMember('交给谁')).rejects.toMatchObject({ reason })
    })
  })

  describe('sharing', () => {
    it('offers what the client has', async () => {
      client.on('shareAppMessage', {})
      expect(await host.share(PAGE)).toBe('shared')
      expect(client.params('shareAppMessage')).toMatchObject({
        title: PAGE.title, desc: PAGE.text, link: PAGE.url,
      })
    })

    it('may be broken off', async () => {
      client.on('shareAppMessage', CANCELLED)
      await expect(host.share(PAGE)).rejects.toMatchObject({ reason: 'cancelled' })
    })

    it('copies the address where the client has nothing', async () => {
      expect(await host.share(PAGE)).toBe('copied')
      expect(await navigator.clipboard.readText()).toBe(`${PAGE.title} ${PAGE.url}`)
    })
  })

  describe('the way there', () => {
    it('is shown on the client\'s map', async () => {
      client.on('openLocation', {})
      await host.openMap(PLACE)
      expect(client.params('openLocation')).toMatchObject({
        latitude: 30.6, longitude: 114.31, name: '华联超市', address: '中山路 1 号', scale: 16,
      })
    })

    it('is shown by Amap where the client has no map', async () => {
      const went = leavesFor()
      await host.openMap(PLACE)
      expect(new URL(went[0]!).searchParams.get('position')).toBe('114.31,30.6')
    })

    it('is given up when the client says nothing', async () => {
      vi.useFakeTimers()
      client.on('openLocation', 'silence')
      const refused = expect(host.openMap(PLACE)).rejects.toMatchObject({ reason: 'timeout' })
      await vi.advanceTimersByTimeAsync(10_000)
      await refused
    })
  })

  describe('around the page', () => {
    it('calls go to the phone', async () => {
      const went = leavesFor()
      await host.callPhone('+86 13800000001')
      expect(went).toEqual(['tel:13800000001'])
    })

    it('there is no code for signing in: WeCom sends the page away and back', async () => {
      await expect(host.authCode('ww1', '')).rejects.toMatchObject({ reason: 'missing' })
    })

    it('the title is the document\'s', async () => {
      await host.setTitle('客户')
      expect(document.title).toBe('客户')
    })

    it.each([
      [{ networkType: '5g' }, '5g'], [{ err_msg: 'network_type:wwan' }, ''],
      [{ err_msg: 'wifi' }, 'wifi'], [{ err_msg: 'fail', subtype: '4g' }, '4g'], [{ err_msg: 'fail' }, ''],
    ] as [Reply, string][])('the network of %j is %j', async (reply, network) => {
      client.on('getNetworkType', reply)
      expect(await host.networkType()).toBe(network)
    })

    it('hears of the network from the client and from the WebView', async () => {
      const told: boolean[] = []
      host.onNetworkChange(online => told.push(online))
      await vi.waitFor(() => {
        client.tell('onNetworkStatusChange', { isConnected: false, networkType: 'none' })
        expect(told).toEqual([false])
      })
      window.dispatchEvent(new Event('online'))
      expect(told).toEqual([false, true])
    })

    it('closes', async () => {
      client.on('closeWindow', {})
      await host.close()
      expect(client.calls('closeWindow')).toHaveLength(1)
    })
  })
}
