// A pretend camera: it looks at the storefront of the place where the phone stands.

import { el } from './dom.js'
import { cover, uncover } from './phone.js'
import { store } from './store.js'
import { drawStorefront, HEIGHT, WIDTH } from './storefront.js'
import { t } from './texts.js'

const JPEG_QUALITY = 0.86

/** The picture as a JPEG blob when the shutter is pressed; null when the camera is left. */
export function takePhoto() {
  const canvas = el('canvas', { width: WIDTH, height: HEIGHT })
  drawStorefront(canvas.getContext('2d'), store.phone.place || '门店', new Date())
  return new Promise(resolve => {
    const finish = blob => {
      uncover(camera)
      resolve(blob)
    }
    const shutter = el('button', {
      'type': 'button',
      'class': 'shutter',
      'data-test': 'shutter',
      'aria-label': t('camera.shutter'),
      'onclick': () => canvas.toBlob(finish, 'image/jpeg', JPEG_QUALITY),
    })
    const cancel = el(
      'button',
      { type: 'button', class: 'camera-cancel', onclick: () => finish(null) },
      t('camera.cancel'),
    )
    const camera = el(
      'div',
      { 'class': 'camera', 'role': 'dialog', 'aria-label': t('camera.title') },
      el('div', { class: 'finder' }, canvas, el('i', { class: 'focus' })),
      el('div', { class: 'camera-bar' }, cancel, shutter, el('span')),
    )
    cover(camera, () => resolve(null))
    shutter.focus()
  })
}
