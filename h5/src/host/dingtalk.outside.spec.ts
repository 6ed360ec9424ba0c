import { expect, it } from 'vitest'

it('is a plain browser where DingTalk opens a page without its script', async () => {
  const agent = 'Mozilla/5.0 (Windows NT 10.0) Chrome/108.0 Safari/537.36 DingTalk(7.6.0-Release)'
  Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
  const { dingtalkBridge } = await import('./dingtalk')
  const host = await dingtalkBridge('ding1', () => Promise.reject(new Error('asked')), location.href)
  expect(host.hasTitleBar).toBe(false)
  await expect(host.authCode('ding1', 'app1')).rejects.toMatchObject({ reason: 'missing' })
})
