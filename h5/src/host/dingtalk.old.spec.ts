import { expect, it } from 'vitest'
import { DingtalkClient } from './clients/dingtalk'
import { contentOf, takesPicture } from './clients/person'

// From before the names that DingTalk documents today, and before iPhones knew GCJ-02.
const client = new DingtalkClient('ios', '2.6.0')
const sign = async () => ({ config: {}, agent_config: {} })
const { dingtalkBridge } = await import('./dingtalk')
const host = await dingtalkBridge('ding1', sign, location.href)

it('has no list of colleagues and no menu for calls', async () => {
  expect([host.can('members'), host.can('call'), host.can('position')]).toEqual([false, false, true])
  await expect(host.chooseMember('交给谁')).rejects.toMatchObject({ reason: 'missing' })
})

it('gives positions in WGS-84', async () => {
  client.on('device.geolocation.get', { ok: { latitude: 30.59, longitude: 114.3, accuracy: 20 } })
  expect((await host.currentFix()).datum).toBe('WGS84')
})

it('gives a code for signing in by its older call', async () => {
  client.on('runtime.permission.requestAuthCode', { ok: { code: 'c-1' } })
  expect(await host.authCode('ding1', 'app1')).toBe('c-1')
})

it('takes pictures by the file input', async () => {
  const photo = host.takePhoto()
  takesPicture('the shop')
  expect(await contentOf(await photo)).toBe('the shop')
  expect(client.calls('biz.util.chooseImage')).toEqual([])
})
