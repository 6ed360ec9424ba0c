/** What every WebView can do by itself, used by hosts whose own call is missing or worse. */

import { HostRefused, type MapPlace, type SharedPage, type TakenPicture } from './bridge'

const OWN_COUNTRY_CODE = /^(?:\+|00)86[\s-]*/
/** `capture` is a wish that some WebViews ignore; a picture of just now was taken on the spot. */
const LIVE_MS = 10 * 60_000

let earlier: (() => void) | null = null

/**
 * Ask for one picture through a file input that opens the camera. An old WebView says nothing when
 * nobody takes one; asking again ends that wait.
 */
export async function pickFromCamera(): Promise<TakenPicture> {
  const picture = await pickPicture()
  // WebKit opens the camera alone for `capture`. Android's WebViews and desks may do as they like.
  return { picture, captured_by: isIos() ? 'file_input_camera' : 'file_input' }
}

function pickPicture(): Promise<File> {
  earlier?.()
  return new Promise((resolve, reject) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = 'image/*'
    input.setAttribute('capture', 'environment')
    input.hidden = true
    const finish = (settle: () => void) => {
      earlier = null
      input.remove()
      settle()
    }
    const give_up = () => finish(() => reject(new HostRefused('cancelled')))
    input.addEventListener('change', () => {
      const picture = input.files?.[0]
      if (!picture) give_up()
      else if (isLive(picture)) finish(() => resolve(picture))
      else finish(() => reject(new HostRefused('not_live')))
    })
    input.addEventListener('cancel', give_up)
    earlier = give_up
    // In the document, because some WebViews drop the answer of an input that is not.
    document.body.append(input)
    input.click()
  })
}

/** Some WebViews give no time (0) to what the camera has just made. */
function isLive({ lastModified }: File): boolean {
  return !lastModified || Date.now() - lastModified < LIVE_MS
}

export function onlineEvents(changed: (online: boolean) => void): void {
  window.addEventListener('online', () => changed(true))
  window.addEventListener('offline', () => changed(false))
}

/** The number as it is dialled at home, without our own country's code. */
export function domestic(phone: string): string {
  return phone.trim().replace(OWN_COUNTRY_CODE, '')
}

export function dial(phone: string): void {
  location.href = `tel:${domestic(phone)}`
}

/** Amap's address scheme: opens its app where there is one, else its pages. */
export function openAmap(place: MapPlace): void {
  const query = new URLSearchParams({
    position: `${place.gcj_lng},${place.gcj_lat}`,
    name: place.name,
    coordinate: 'gaode',
    callnative: '1',
  })
  window.open(`https://uri.amap.com/marker?${query}`, '_blank', 'noopener')
}

/** The system's own sheet where there is one, else the clipboard. */
export async function shareByWeb(page: SharedPage): Promise<'shared' | 'copied'> {
  if (!navigator.share) return copy(page)
  try {
    await navigator.share({ title: page.title, text: page.text, url: page.url })
    return 'shared'
  }
  catch (failure) {
    if ((failure as Error).name === 'AbortError') throw new HostRefused('cancelled')
    return copy(page)
  }
}

async function copy({ title, url }: SharedPage): Promise<'copied'> {
  try {
    await navigator.clipboard.writeText(`${title} ${url}`)
    return 'copied'
  }
  catch (failure) {
    throw new HostRefused('unavailable', String(failure))
  }
}

/** Whether this is a phone or a tablet. An iPad says that it is a Mac, but has a touch screen. */
export function isHandheld(): boolean {
  return isIos() || /android|harmony/i.test(navigator.userAgent)
}

export function isIos(): boolean {
  const agent = navigator.userAgent
  return /iphone|ipad|ipod/i.test(agent)
    || (/macintosh/i.test(agent) && navigator.maxTouchPoints > 2)
}

/** Whether version `found` is `wanted` or newer; one that says nothing counts as newest. */
export function isAtLeast(found: string, wanted: string): boolean {
  if (!found) return true
  const is = parts(found)
  for (const [place, least] of parts(wanted).entries()) {
    const part = is[place] ?? 0
    if (part !== least) return part > least
  }
  return true
}

function parts(version: string): number[] {
  return version.split('.').map(part => parseInt(part, 10) || 0)
}
