import { expect, it, vi } from 'vitest'
import { sendPictureByHost } from './client'

const SENT = {
  key: 'k-1', taken_at: new Date('2026-03-10T02:00:00Z'), captured_by: 'host_camera', made_at: null,
}

function app(status: number, body: string) {
  const post = vi.fn(async () => ({ status, body }))
  return { post, answer: sendPictureByHost('/api/v1/visits/1/photos/by-host', { preview: '', post }, 'p', SENT) }
}

it('the app is told where, how, and with which pass it sends a picture', async () => {
  const { post, answer } = app(201, '{"id":"1"}')
  expect(await answer).toEqual({ id: '1' })
  expect(post).toHaveBeenCalledWith({
    url: `${location.origin}/api/v1/visits/1/photos/by-host`,
    part: 'photo',
    headers: expect.objectContaining({ 'X-Waiqin-Pass': 'p', 'X-Captured-By': 'host_camera' }),
  })
})

it('what our server refuses is refused in its words', async () => {
  const { answer } = app(409, '{"code":"too_many_photos","detail":"一次拜访最多 6 张照片。"}')
  await expect(answer).rejects.toMatchObject({ name: 'Refused', status: 409, detail: '一次拜访最多 6 张照片。' })
})

it.each([
  [403, '{"code":"pass_over"}'], [200, '<html>sign in to the hotel</html>'], [502, ''], [0, 'null'],
])('%j %j is no answer of our server: the picture is sent again', async (status, body) => {
  await expect(app(status, body).answer).rejects.toMatchObject({ name: 'Unreachable' })
})
