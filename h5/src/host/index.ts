/** The host of this page. The scripts of the other hosts are never downloaded. */

import type { PageSignature } from '../api/types'
import { type HostBridge } from './bridge'
import { browserBridge } from './browser'
import { hostOf, type Where } from './which'

export { HostRefused, type Capability, type CapturedBy, type Fix, type HostPicture, type MapPlace, type RefusalReason } from './bridge'

// Before anything else in the page changes it: some clients compare signatures with it.
const ENTERED = location.href

let connected: HostBridge = browserBridge()

/** The bridge in use; a plain browser until `connectHost` has run. */
export function host(): HostBridge {
  return connected
}

/** Whether this page is open inside the app of the host that it belongs to. */
export function isInApp(where: Where, entry: { sandbox: boolean }): boolean {
  if (entry.sandbox) return window.parent !== window
  return hostOf(navigator.userAgent) === where.host
}

/**
 * Load the bridge of the app that this page runs in, if that is its host's. `corp_id` is the
 * company's id there. In the app of another host the page is in a plain browser.
 */
export async function connectHost(
  entry: { host: string, sandbox: boolean, corp_id: string },
  sign: (url: string) => Promise<PageSignature>,
): Promise<void> {
  const running = hostOf(navigator.userAgent)
  if (entry.sandbox) {
    if (window.parent !== window) connected = (await import('./console')).consoleBridge()
  }
  else if (running !== entry.host) {
    connected = browserBridge()
  }
  else if (running === 'wecom') {
    connected = (await import('./wecom')).wecomBridge(entry.corp_id, sign)
  }
  else if (running === 'dingtalk') {
    connected = await (await import('./dingtalk')).dingtalkBridge(entry.corp_id, sign, ENTERED)
  }
}
