import { describe, expect, it, vi } from 'vitest'
import { contentOf, takesPicture } from './clients/person'
import { WecomClient } from './clients/wecom'
import { wecomOn } from './clients/wecomOnPhones'

const JPEG = btoa('the shop')
const sign = async () => ({ config: { signature: 's' }, agent_config: {} })
const open = async () => (await import('./wecom')).wecomBridge('ww1', sign)
const client = new WecomClient('ios')

wecomOn(client)

describe('a photo on an iPhone', () => {
  it.each([
    [JPEG], [`data:image/jpg;base64,${JPEG}`], [`${JPEG.slice(0, 4)}\n${JPEG.slice(4)}`],
  ])('comes from the camera alone, and its bytes from the client: %j', async (localData) => {
    client.on('chooseImage', { localIds: ['wx-1'] })
    client.on('getLocalImgData', { localData })
    const photo = await (await open()).takePhoto()
    expect([await contentOf(photo), photo.captured_by]).toEqual(['the shop', 'host_camera'])
    expect(photo.picture).toMatchObject({ type: 'image/jpeg' })
    expect(client.params('chooseImage')).toMatchObject({ count: 1, sourceType: ['camera'], isSaveToAlbum: 0 })
    expect(client.params('getLocalImgData')).toMatchObject({ localId: 'wx-1' })
  })

  it.each([[{ err_msg: 'cancel' }], [{ localIds: [] }], [{}]])('that was not taken: %j', async (reply) => {
    client.on('chooseImage', reply)
    const host = await open()
    await expect(host.takePhoto()).rejects.toMatchObject({ reason: 'cancelled' })
    await expect(host.takePhoto()).rejects.toMatchObject({ reason: 'cancelled' })
    expect(client.calls('chooseImage')).toHaveLength(2)
  })

  it.each([
    [{ localData: '' }], [{ localData: '~~~' }], [{}], [{ err_msg: 'fail' }],
  ])('whose bytes cannot be had (%j) is taken by the file input the next time', async (reply) => {
    client.on('chooseImage', { localIds: ['wx-1'] })
    client.on('getLocalImgData', reply)
    const host = await open()
    await expect(host.takePhoto()).rejects.toMatchObject({ reason: 'unavailable' })
    const photo = host.takePhoto()
    takesPicture('by the input')
    expect([await contentOf(await photo), (await photo).captured_by]).toEqual(['by the input', 'file_input_camera'])
  })

  it('whose bytes never come is given up after 10 s', async () => {
    vi.useFakeTimers()
    client.on('chooseImage', { localIds: ['wx-1'] })
    client.on('getLocalImgData', 'silence')
    const refused = expect((await open()).takePhoto()).rejects.toMatchObject({ reason: 'timeout' })
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
  })

  it('without leave to use the camera says so', async () => {
    client.on('chooseImage', { err_msg: 'fail_auth deny' })
    await expect((await open()).takePhoto()).rejects.toMatchObject({ reason: 'denied' })
  })
})
