const LONG_EDGE_PX = 1600
const QUALITY = 0.8

/**
 * A camera's picture as a JPEG of at most 1600 px (domain.md §4.8): a few hundred kilobytes that
 * get through a weak network. One that this phone cannot draw is sent as it is; the server decides.
 */
export async function shrinkPicture(original: Blob): Promise<Blob> {
  const address = URL.createObjectURL(original)
  try {
    const picture = await drawable(address)
    const scale = Math.min(1, LONG_EDGE_PX / Math.max(picture.naturalWidth, picture.naturalHeight))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale))
    canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale))
    const pen = canvas.getContext('2d')
    if (!pen) return original
    // White under transparent pictures, which JPEG would turn black.
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    return await asJpeg(canvas, original)
  }
  catch {
    return original
  }
  finally {
    URL.revokeObjectURL(address)
  }
}

function drawable(address: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const picture = new Image()
    picture.addEventListener('load', () => resolve(picture))
    picture.addEventListener('error', () => reject(new Error('not a picture')))
    picture.src = address
  })
}

function asJpeg(canvas: HTMLCanvasElement, original: Blob): Promise<Blob> {
  return new Promise((resolve) => {
    canvas.toBlob(drawn => resolve(drawn ?? original), 'image/jpeg', QUALITY)
  })
}
