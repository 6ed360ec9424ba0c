// The H5 inside the phone: one fresh frame for each pair of hands.

import { el } from './dom.js'
import { presentHost, store } from './store.js'
import { t } from './texts.js'

let frame = null
let home = null // where the frame was placed
let isSettled = false // the H5 has opened a page, and hears of changes of its address

export const frameWindow = () => frame?.contentWindow ?? null

export function placeFrame(parent) {
  home = parent
  openAfresh()
}

/** Called when the H5 names the page that it shows. */
export function settle() {
  isSettled = true
}

/** A new frame that signs in as whoever holds the phone now, at the app's first page unless said. */
export function openAfresh(address = presentHost()?.h5_url) {
  frame = null
  isSettled = false
  if (!address) {
    home.replaceChildren(el('p', { class: 'blank' }, t('phone.noH5')))
    return
  }
  const url = new URL(address, location.href)
  url.searchParams.set('sign_in', 'fresh')
  frame = el('iframe', {
    'src': url.href,
    'title': 'H5',
    'data-test': 'h5-frame',
    'data-host': store.phone.host,
  })
  home.replaceChildren(frame)
}

/** Open an address of the H5 in the frame. Gives false when the address is not the H5's. */
export function openInFrame(address) {
  const url = asH5(address)
  if (!url || !frame) return false
  // While it still signs in it would go on to where it was going.
  if (isSettled) frame.contentWindow.location.href = url.href
  else openAfresh(url.href)
  return true
}

/** One page back; false at the first page, where a host would close the app. */
export function back() {
  const view = frameWindow()
  const isFirst =
    !view || ['', '#', '#/', '#/today'].includes(safely(() => view.location.hash) ?? '')
  if (!isFirst) view.history.back()
  return !isFirst
}

/** A link of a card as an address on our own origin: the server may know itself by another name. */
function asH5(address) {
  const link = safely(() => new URL(address, location.href))
  const own = safely(() => new URL(presentHost().h5_url, location.href))
  if (!link || !own) return null
  if (link.protocol === 'dingtalk:') return asH5(link.searchParams.get('url') ?? '')
  if (!link.protocol.startsWith('http') || !link.pathname.startsWith(own.pathname)) return null
  return new URL(link.pathname + link.search + link.hash, own.origin)
}

function safely(read) {
  try {
    return read()
  } catch {
    return null
  }
}
