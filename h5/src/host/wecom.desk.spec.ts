import { expect, it } from 'vitest'
import type { Capability } from './bridge'
import { contentOf, leavesFor, takesPicture } from './clients/person'
import { WecomClient } from './clients/wecom'

const client = new WecomClient('desk')
const { wecomBridge } = await import('./wecom')
const host = wecomBridge('ww1', async () => ({ config: {}, agent_config: {} }))

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

it('takes a picture that was made just now', async () => {
  const photo = host.takePhoto()
  takesPicture('by a camera on the desk')
  expect((await photo).captured_by).toBe('file_input')
  expect(await contentOf(await photo)).toBe('by a camera on the desk')
  const old = host.takePhoto()
  takesPicture('found on the disk', Date.parse('2024-01-01'))
  await expect(old).rejects.toMatchObject({ reason: 'not_live' })
})

it('chooses a colleague', async () => {
  client.on('selectEnterpriseContact', { result: { userList: [{ id: 'wang', name: '王主管' }] } })
  expect(await host.chooseMember('交给谁')).toEqual({ host_user_id: 'wang', name: '王主管' })
})
