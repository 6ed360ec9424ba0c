/** Pictures by DingTalk's own camera, which stay in the app until it sends them. */

import { describe, expect, it, vi } from 'vitest'
import type { HostPicture } from '../bridge'
import { AUTHORISES, type Reply } from './dingtalk'
import { CONFIG, type Stage } from './dingtalkPositions'
import { contentOf, takesPicture } from './person'

const CHOOSES = 'biz.util.chooseImage'
const SHRINKS = 'biz.util.compressImage'
const POSTS = 'biz.util.uploadFile'
const LARGE = 'https://resource/5mb.image'
const SMALL = 'https://resource/300kb.image'
const TAKEN: Reply = { ok: { filePaths: [LARGE], files: [{ path: LARGE, size: 5_000_000, fileType: 'image' }] } }
const DOOR = {
  url: 'https://crm.example/api/v1/visits/1/photos/by-host',
  part: 'photo',
  headers: { 'X-Waiqin-Pass': 'p' },
}

export function pictures(stage: Stage): void {
  const { client, sign } = stage

  async function takes(): Promise<HostPicture> {
    const { picture, captured_by } = await stage.host.takePhoto()
    expect(captured_by).toBe('host_camera')
    expect(picture).not.toBeInstanceOf(Blob)
    return picture as HostPicture
  }

  /** The camera was refused; the next press opens a file input, and the one after the camera. */
  async function picksOnce() {
    const photo = stage.host.takePhoto()
    takesPicture('the shop')
    expect(await contentOf(await photo)).toBe('the shop')
    expect((await photo).captured_by).toBe(client.system === 'ios' ? 'file_input_camera' : 'file_input')
  }

  describe('a picture', () => {
    it.each([
      [TAKEN], [{ ok: { files: [{ path: LARGE, size: 1, fileType: 'image' }] } }],
      [{ ok: { filePaths: [LARGE] } }],
    ] as Reply[][])('is taken by the camera alone, under the page\'s signature: %j', async (reply) => {
      client.on(CHOOSES, reply!)
      client.on(SHRINKS, { ok: { filePaths: [SMALL] } })
      expect((await takes()).preview).toBe(SMALL)
      expect(client.params(CHOOSES)).toMatchObject({ count: 1, sourceType: ['camera'] })
      expect(client.params(SHRINKS)).toMatchObject({ filePaths: [LARGE] })
      expect(client.params(AUTHORISES)).toMatchObject({ ...CONFIG, jsApiList: expect.arrayContaining([CHOOSES]) })
    })

    it.each([[{ no: '1' }], [{ ok: {} }], [{ ok: null }]] as Reply[][])(
      'stays as large as it is where the client cannot shrink it: %j', async (reply) => {
        client.on(CHOOSES, TAKEN)
        client.on(SHRINKS, reply!)
        expect((await takes()).preview).toBe(LARGE)
      },
    )

    it.each([
      [201, '{"id":"1"}', '{"id":"1"}'], ['201', '{"id":"1"}', '{"id":"1"}'],
      ['409', { code: 'too_many_photos' }, '{"code":"too_many_photos"}'],
    ])('is sent by the app, which answers %j %j', async (statusCode, data, body) => {
      client.on(CHOOSES, TAKEN)
      client.on(POSTS, { ok: { statusCode, data } })
      expect(await (await takes()).post(DOOR)).toEqual({ status: Number(statusCode), body })
      expect(client.params(POSTS)).toMatchObject({
        url: DOOR.url, filePath: LARGE, fileName: 'photo', fileType: 'image', header: DOOR.headers,
      })
    })

    it.each([
      [{ no: '3', says: 'network' }, 'unavailable'], [{ ok: {} }, 'unavailable'], [{ no: '1' }, 'missing'],
    ] as [Reply, string][])('that the app could not send: %j is %s', async (reply, reason) => {
      client.on(CHOOSES, TAKEN)
      client.on(POSTS, reply)
      await expect((await takes()).post(DOOR)).rejects.toMatchObject({ reason })
    })

    it('that is never sent is given up after a minute', async () => {
      client.on(CHOOSES, TAKEN)
      client.on(POSTS, 'silence')
      const picture = await takes()
      vi.useFakeTimers()
      const refused = expect(picture.post(DOOR)).rejects.toMatchObject({ reason: 'timeout' })
      await vi.advanceTimersByTimeAsync(60_000)
      await refused
    })

    it.each([[{ no: '-1' }], [{ ok: { filePaths: [] } }], [{ ok: {} }]] as Reply[][])(
      'that was not taken (%j) leads back to the camera, never to the album', async (reply) => {
        client.on(CHOOSES, reply!, TAKEN)
        await expect(stage.host.takePhoto()).rejects.toMatchObject({ reason: 'cancelled' })
        expect((await takes()).preview).toBe(LARGE)
      },
    )

    it('that a person left out has the same code as a domain that is not listed', async () => {
      client.on(CHOOSES, 'silence', { no: '11' })
      const left = expect(stage.host.takePhoto()).rejects.toMatchObject({ reason: 'cancelled' })
      await expect.poll(() => client.calls(CHOOSES).length).toBe(1)
      const later = Date.now() + 2_000
      vi.spyOn(Date, 'now').mockReturnValue(later)
      client.calls(CHOOSES)[0]!.answer({ no: '11' })
      await left
      await expect(stage.host.takePhoto()).rejects.toMatchObject({ reason: 'unavailable' })
      vi.restoreAllMocks()
      await picksOnce()
    })

    it('is asked of the camera again after one by the file input', async () => {
      client.on(CHOOSES, { no: '3' }, TAKEN)
      await expect(stage.host.takePhoto()).rejects.toMatchObject({ reason: 'unavailable' })
      await picksOnce()
      expect((await takes()).preview).toBe(LARGE)
    })

    it('comes from the file input for good where the client has no camera for pages', async () => {
      await expect(stage.host.takePhoto()).rejects.toMatchObject({ reason: 'missing' })
      await picksOnce()
      await picksOnce()
      expect(client.calls(CHOOSES)).toHaveLength(1)
    })

    it('comes from the file input while the page is not signed', async () => {
      vi.spyOn(console, 'warn').mockReturnValue()
      vi.mocked(sign).mockRejectedValueOnce(new Error('no network'))
      await expect(stage.host.takePhoto()).rejects.toMatchObject({ reason: 'unsigned' })
      await picksOnce()
      client.on(CHOOSES, TAKEN)
      expect((await takes()).preview).toBe(LARGE)
    })
  })
}
