import { describe, expect, it } from 'vitest'
import { closesCamera, takesPicture } from './clients/person'
import { WecomClient } from './clients/wecom'
import { wecomOn } from './clients/wecomOnPhones'

const sign = async () => ({ config: {}, agent_config: {} })
const open = async () => (await import('./wecom')).wecomBridge('ww1', sign)
const client = new WecomClient('android')

wecomOn(client)

describe('a photo on Android', () => {
  it('is taken by the file input, as the client gives a path only', async () => {
    const photo = (await open()).takePhoto()
    takesPicture('the shop')
    expect(await (await photo).text()).toBe('the shop')
    expect(client.asked).toEqual([])
  })

  it('may be left out', async () => {
    const photo = (await open()).takePhoto()
    closesCamera()
    await expect(photo).rejects.toMatchObject({ reason: 'cancelled' })
  })
})
