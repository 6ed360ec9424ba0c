import { expect, it } from 'vitest'
import { DingtalkClient } from './clients/dingtalk'

const client = new DingtalkClient('android', '')
const { dingtalkBridge } = await import('./dingtalk')
const sign = async () => ({ config: {}, agent_config: {} })
const host = await dingtalkBridge('ding1', sign, location.href)

it('tries everything with a client that does not say its version', async () => {
  client.on('biz.util.scan', { ok: { text: 'SKU-1' } })
  expect([host.can('scan'), host.can('members')]).toEqual([true, true])
  expect(await host.scan()).toBe('SKU-1')
})

it('says what such a client turns out not to have', async () => {
  await expect(host.chooseMember('')).rejects.toMatchObject({ reason: 'missing' })
})
