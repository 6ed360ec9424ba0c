import { beforeEach, expect, it, vi } from 'vitest'
import { DingtalkClient } from './clients/dingtalk'

const client = new DingtalkClient('ios')
const sign = vi.fn(async () => ({ config: { signature: 's' }, agent_config: {} }))

/** A page that has just been opened. */
async function opened() {
  vi.resetModules()
  return import('.')
}

beforeEach(() => client.reset())

it('is a plain browser until it is known where it is', async () => {
  const { host } = await opened()
  expect(host().hasTitleBar).toBe(false)
})

it('speaks to the app of its host', async () => {
  const { connectHost, host, isInApp } = await opened()
  await connectHost({ host: 'dingtalk', sandbox: false, corp_id: 'ding1' }, sign)
  client.on('biz.util.scan', { ok: { text: 'SKU-1' } })
  expect(await host().scan()).toBe('SKU-1')
  expect(isInApp({ host: 'dingtalk', connection: 'default' }, { sandbox: false })).toBe(true)
})

it('is in a plain browser in the app of another host', async () => {
  const { connectHost, host, isInApp } = await opened()
  await connectHost({ host: 'wecom', sandbox: false, corp_id: 'ww1' }, sign)
  expect(host().hasTitleBar).toBe(false)
  expect(isInApp({ host: 'wecom', connection: 'default' }, { sandbox: false })).toBe(false)
})

it('asks nobody in the sandbox outside of its console', async () => {
  const { connectHost, host, isInApp } = await opened()
  await connectHost({ host: 'dingtalk', sandbox: true, corp_id: 'ding1' }, sign)
  expect(host().can('scan')).toBe(false)
  expect(isInApp({ host: 'dingtalk', connection: 'demo' }, { sandbox: true })).toBe(false)
})
