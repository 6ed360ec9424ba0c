// The phone's network, cut for the H5 alone, and what the H5 asked of its server.

import { frameWindow } from './h5.js'
import { on, store, tell } from './store.js'

const LOOK_EVERY_MS = 60
const MARK = Symbol.for('waiqin sandbox network')

/** Look after every document that the frame loads. There is no event that comes before its scripts
 * run, so this looks often; a new document has a new window without our mark. */
export function keepNetwork() {
  setInterval(() => {
    const view = frameWindow()
    try {
      if (view && !view[MARK]) take(view)
    } catch {
      // A page of another origin: nothing to look after.
    }
  }, LOOK_EVERY_MS)
  on('phone', before => {
    const view = frameWindow()
    if (before.online !== store.phone.online)
      view?.dispatchEvent(new Event(store.phone.online ? 'online' : 'offline'))
  })
}

function take(view) {
  view[MARK] = true
  const { fetch: realFetch, XMLHttpRequest } = view
  view.fetch = async (...args) => {
    if (!store.phone.online) throw new view.TypeError('Failed to fetch')
    const answer = await realFetch.apply(view, args)
    const asked =
      args[0] instanceof view.Request ? args[0] : { url: String(args[0]), method: args[1]?.method }
    report(view, asked.method ?? 'GET', asked.url, answer.status)
    return answer
  }
  const { open, send } = XMLHttpRequest.prototype
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.addEventListener('load', () => report(view, method, String(url), this.status))
    return open.call(this, method, url, ...rest)
  }
  XMLHttpRequest.prototype.send = function (...args) {
    if (store.phone.online) return send.apply(this, args)
    setTimeout(() => {
      this.dispatchEvent(new view.ProgressEvent('error'))
      this.dispatchEvent(new view.ProgressEvent('loadend'))
    })
  }
  Object.defineProperty(view.navigator, 'onLine', {
    configurable: true,
    get: () => store.phone.online,
  })
  if (!store.phone.online) view.dispatchEvent(new Event('offline'))
}

function report(view, method, address, status) {
  const url = new URL(address, view.location.href)
  tell('asked', {
    method: method.toUpperCase(),
    path: url.pathname,
    query: url.searchParams,
    status,
  })
}
