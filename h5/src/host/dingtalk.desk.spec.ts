import { expect, it, vi } from 'vitest'
import type { Capability } from './bridge'
import { DingtalkClient } from './clients/dingtalk'
import { contentOf, leavesFor, takesPicture } from './clients/person'

const client = new DingtalkClient('desk')
const sign = vi.fn(async () => ({ config: { agentId: '123', signature: 's' }, agent_config: {} }))
const { dingtalkBridge } = await import('./dingtalk')
const host = await dingtalkBridge('ding1', sign, location.href)

it.each([
  ['position', false], ['scan', false], ['call', false],
  ['members', true], ['share', true], ['map', true], ['close', true],
] as [Capability, boolean][])('a desk has %s: %j', (what, able) => {
  expect(host.can(what)).toBe(able)
})

it('says at once what is missing', async () => {
  const refused = { reason: 'missing' }
  await expect(host.currentFix()).rejects.toMatchObject(refused)
  await expect(host.scan()).rejects.toMatchObject(refused)
  await expect(host.callPhone('13800000001')).rejects.toMatchObject(refused)
  expect(client.asked).toEqual([])
})

it('shows the way on Amap\'s pages', async () => {
  const went = leavesFor()
  await host.openMap({ name: '华联超市', address: '', gcj_lat: 30.6, gcj_lng: 114.31 })
  expect(went[0]).toContain('https://uri.amap.com/marker?position=114.31')
})

it('signs people in', async () => {
  client.on('runtime.permission.requestAuthCodeV2', { ok: { code: 'c-1' } })
  expect(await host.authCode('ding1', 'app1')).toBe('c-1')
})

it('chooses a colleague under the page\'s signature', async () => {
  client.on('biz.contact.complexPicker', { ok: { users: [{ emplId: 'wang', name: '王主管' }] } })
  expect(await host.chooseMember('交给谁')).toEqual({ host_user_id: 'wang', name: '王主管' })
  expect(client.params('config')).toMatchObject({ signature: 's', url: 'https://page.dingtalk.com/h5/' })
})

it('knows when somebody closes the list', async () => {
  client.on('biz.contact.complexPicker', { no: 'PC_1011' })
  await expect(host.chooseMember('交给谁')).rejects.toMatchObject({ reason: 'cancelled' })
})

it('takes pictures by the file input', async () => {
  const photo = host.takePhoto()
  takesPicture('the shop')
  expect(await contentOf(await photo)).toBe('the shop')
  expect(client.calls('biz.util.chooseImage')).toEqual([])
})
