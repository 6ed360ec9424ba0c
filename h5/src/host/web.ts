/** What every WebView can do by itself, used by hosts whose own call is missing or worse. */

import { HostRefused } from './bridge'

/** Ask for one picture through a file input that opens the camera. */
export function pickFromCamera(): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = 'image/*'
    input.setAttribute('capture', 'environment')
    input.hidden = true
    const finish = (settle: () => void) => {
      input.remove()
      settle()
    }
    input.addEventListener('change', () => {
      const picture = input.files?.[0]
      finish(() => (picture ? resolve(picture) : reject(new HostRefused('cancelled'))))
    })
    input.addEventListener('cancel', () => finish(() => reject(new HostRefused('cancelled'))))
    // In the document, because some WebViews drop the answer of an input that is not.
    document.body.append(input)
    input.click()
  })
}

export function onlineEvents(changed: (online: boolean) => void): void {
  window.addEventListener('online', () => changed(true))
  window.addEventListener('offline', () => changed(false))
}
