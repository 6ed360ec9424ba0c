import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { closesCamera, contentOf, takesPicture } from './clients/person'
import { WecomClient, type Reply } from './clients/wecom'
import { wecomOn } from './clients/wecomOnPhones'

const sign = async () => ({ config: {}, agent_config: {} })
const open = async () => (await import('./wecom')).wecomBridge('ww1', sign)
const client = new WecomClient('android')

wecomOn(client)

describe('a photo on Android', () => {
  let page = 0
  beforeEach(() => {
    client.reset()
    history.replaceState(null, '', `/h5/?photo=${++page}`)
  })
  afterEach(() => document.querySelectorAll('input[type=file]').forEach(input => input.remove()))

  it('is taken by the file input, as the client gives a path only', async () => {
    const photo = (await open()).takePhoto()
    takesPicture('the shop')
    expect((await photo).captured_by).toBe('file_input')
    expect(await contentOf(await photo)).toBe('the shop')
    expect(client.asked).toEqual([])
  })

  const HERE = { latitude: 30.59, longitude: 114.3, accuracy: 35 }

  /** The page of a check-in, on a client that says so of reading pictures. */
  async function checkingIn(said: Reply) {
    client.on('geoLocation', HERE)
    client.on('checkJsApi', said)
    const host = await open()
    await host.currentFix()
    await vi.waitFor(() => expect(client.calls('checkJsApi')).toHaveLength(1))
    await host.currentFix()
    expect(client.calls('checkJsApi')).toHaveLength(1)
    return host
  }

  it('comes from the camera alone where the client lets the page read it', async () => {
    const host = await checkingIn({ checkResult: { getLocalImgData: true } })
    client.on('chooseImage', { localIds: ['wx-1'] })
    client.on('getLocalImgData', { localData: btoa('the shop') })
    expect(await contentOf(await host.takePhoto())).toBe('the shop')
    expect(client.params('chooseImage')).toMatchObject({ count: 1, sourceType: ['camera'] })
  })

  it('is taken by the input after one that could not be read', async () => {
    const host = await checkingIn({ checkResult: { getLocalImgData: true } })
    client.on('chooseImage', { localIds: ['wx-1'] })
    client.on('getLocalImgData', { err_msg: 'function_not_exist' })
    await expect(host.takePhoto()).rejects.toMatchObject({ reason: 'missing' })
    const photo = host.takePhoto()
    takesPicture('by the input')
    expect(await contentOf(await photo)).toBe('by the input')
  })

  it.each([
    [{ checkResult: { getLocalImgData: false } }], [{ checkResult: {} }], [{}],
    [{ err_msg: 'function_not_exist' }],
  ] as [Reply][])('opens the input at once on a client that says %j', async (said) => {
    const host = await checkingIn(said)
    const photo = host.takePhoto()
    takesPicture('by the input')
    expect(await contentOf(await photo)).toBe('by the input')
    expect(client.calls('chooseImage')).toEqual([])
  })

  it('may be left out', async () => {
    const photo = (await open()).takePhoto()
    closesCamera()
    await expect(photo).rejects.toMatchObject({ reason: 'cancelled' })
  })
})
