/**
 * When a picture says that it was made: EXIF's DateTimeOriginal (CIPA DC-008), which a camera
 * writes into its JPEG and which is gone from a picture that was made small.
 */

const HEAD_BYTES = 256 * 1024 // EXIF is at most 64 KB, near the start
const JPEG = 0xffd8
const APP1 = 0xffe1
const START_OF_SCAN = 0xffda
const EXIF = 0x45786966
const LITTLE_ENDIAN = 0x4949
const EXIF_TAGS = 0x8769
const DATE_TIME_ORIGINAL = 0x9003
const OFFSET_TIME_ORIGINAL = 0x9011
const TIME = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/
const ZONE = /^[+-]\d\d:\d\d/

/** null for a picture that does not say it, or not so that it can be read. */
export async function madeAt(picture: Blob): Promise<Date | null> {
  try {
    const tags = exifOf(new DataView(await picture.slice(0, HEAD_BYTES).arrayBuffer()))
    const [, year, month, day, time] = TIME.exec(tags?.(DATE_TIME_ORIGINAL) ?? '') ?? []
    if (!year) return null
    const zone = ZONE.exec(tags?.(OFFSET_TIME_ORIGINAL) ?? '')?.[0] ?? '' // else this phone's own
    const made = new Date(`${year}-${month}-${day}T${time}${zone}`)
    return Number.isNaN(made.getTime()) ? null : made
  }
  catch (failure) {
    if (failure instanceof RangeError) return null // it points outside of itself
    throw failure
  }
}

type Tags = (tag: number) => string

function exifOf(file: DataView): Tags | null {
  if (file.byteLength < 4 || file.getUint16(0) !== JPEG) return null
  for (let at = 2; at + 10 < file.byteLength;) {
    const marker = file.getUint16(at)
    if (marker === START_OF_SCAN || marker < 0xff00) return null
    const is_exif = marker === APP1 && file.getUint32(at + 4) === EXIF
    const length = file.getUint16(at + 2)
    if (is_exif) return tagsOf(new DataView(file.buffer, at + 10, length - 8))
    at += 2 + length
  }
  return null
}

function tagsOf(tiff: DataView): Tags {
  const little = tiff.getUint16(0) === LITTLE_ENDIAN
  /** Where the value of a tag stands, and how many of them; null where there is no such tag. */
  function entry(directory: number, wanted: number) {
    const count = tiff.getUint16(directory, little)
    for (let at = directory + 2; at < directory + 2 + count * 12; at += 12) {
      if (tiff.getUint16(at, little) === wanted) {
        return { offset: tiff.getUint32(at + 8, little), count: tiff.getUint32(at + 4, little) }
      }
    }
    return null
  }
  const exif = entry(tiff.getUint32(4, little), EXIF_TAGS)?.offset
  return (tag) => {
    const found = exif === undefined ? null : entry(exif, tag)
    if (!found) return ''
    const letters = new Uint8Array(tiff.buffer, tiff.byteOffset + found.offset, found.count)
    return String.fromCharCode(...letters.slice(0, 32))
  }
}
