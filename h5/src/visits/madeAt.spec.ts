import { describe, expect, it } from 'vitest'
import { madeAt } from './madeAt'

const TIME = '2026:03:10 10:00:00'

/** A JPEG's head as cameras write it: an APP0 before, EXIF in either order of bytes, the scan. */
function camera({ time = TIME, zone = '', little = true, cut = 0 } = {}): Blob {
  const tiff = new DataView(new ArrayBuffer(120))
  const text = (at: number, words: string) =>
    [...words].forEach((letter, n) => tiff.setUint8(at + n, letter.charCodeAt(0)))
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    tiff.setUint16(at, tag, little)
    tiff.setUint16(at + 2, type, little)
    tiff.setUint32(at + 4, count, little)
    tiff.setUint32(at + 8, value, little)
  }
  text(0, little ? 'II' : 'MM')
  tiff.setUint16(2, 42, little)
  tiff.setUint32(4, 8, little)
  tiff.setUint16(8, 1, little)
  entry(10, 0x8769, 4, 1, 26)
  tiff.setUint16(26, zone ? 2 : 1, little)
  entry(28, 0x9003, 2, 20, 70)
  if (zone) entry(40, 0x9011, 2, 7, 100)
  text(70, `${time}\0`)
  text(100, zone)
  const exif = [0xff, 0xe1, 0, 128, ...bytes('Exif\0\0'), ...new Uint8Array(tiff.buffer)]
  const whole = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...exif, 0xff, 0xda, 0, 2, ...bytes('pixels')]
  return new Blob([new Uint8Array(whole.slice(0, whole.length - cut))])
}
const bytes = (text: string) => [...text].map(letter => letter.charCodeAt(0))

describe('when a picture was made', () => {
  it.each([true, false])('is what its camera wrote (little endian: %j)', async (little) => {
    const made = await madeAt(camera({ zone: '+08:00', little }))
    expect(made?.toISOString()).toBe('2026-03-10T02:00:00.000Z')
  })

  it('is in this phone\'s zone where the camera wrote none', async () => {
    expect(await madeAt(camera())).toEqual(new Date('2026-03-10T10:00:00'))
  })

  it.each([
    ['nothing', new Blob([])], ['a PNG', new Blob(['\u0089PNG\r\n'])],
    ['no time', camera({ time: '    :  :     :  :  ' })], ['no such day', camera({ time: '2026:13:40 10:00:00' })],
    ['half of it', camera({ cut: 90 })], ['its first bytes', camera({ cut: 138 })],
    ['a JPEG without EXIF', new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8])])],
  ])('is not told by %s', async (_, picture) => {
    expect(await madeAt(picture)).toBeNull()
  })
})
