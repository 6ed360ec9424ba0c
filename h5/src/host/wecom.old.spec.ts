import { expect, it } from 'vitest'
import { contentOf, takesPicture } from './clients/person'
import { WecomClient } from './clients/wecom'

// From before pictures could be read in the page, and before pages could be handed on.
const client = new WecomClient('ios', '2.4.2')
const { wecomBridge } = await import('./wecom')
const host = wecomBridge('ww1', async () => ({ config: {}, agent_config: {} }))

it('takes photos by the file input', async () => {
  const photo = host.takePhoto()
  takesPicture('the shop')
  expect(await contentOf(await photo)).toBe('the shop')
  expect(client.asked).toEqual([])
})

it('copies the address instead of handing the page on', async () => {
  const page = { title: '华联超市', text: '', url: 'https://crm.example/h5/' }
  expect(await host.share(page)).toBe('copied')
})
