/** The signature under which DingTalk lets a page use position, map, members and calls. */

import dd from 'dingtalk-jsapi/entry/union'
import type { PageSignature } from '../api/types'
import { ANSWER_WITHIN_MS, HostRefused, within } from './bridge'
import { asking } from './dingtalkAnswers'

/** Asks our server to sign the page at `url`. */
export type Sign = (url: string) => Promise<PageSignature>

const USED = [
  'device.geolocation.get',
  'biz.map.view',
  'biz.telephone.showCallMenu',
  'biz.contact.complexPicker',
  'biz.util.chooseImage',
]

/**
 * Signs when something first needs it (signing in, which comes earlier, does not), again when the
 * page's address has changed, and once more when the client says that it forgot.
 */
export function signedPage(sign: Sign, platform: string, entered: string) {
  let current: { address: string, config: Promise<Record<string, unknown>> } | null = null

  function ensure(): Promise<Record<string, unknown>> {
    // Android compares with the address that was opened, the others with the one of now.
    const address = withoutHash(platform === 'android' ? entered : location.href)
    if (current?.address === address) return current.config
    const mine = { address, config: introduce(address) }
    current = mine
    mine.config.catch(() => {
      if (current === mine) current = null
    })
    return mine.config
  }

  async function introduce(address: string): Promise<Record<string, unknown>> {
    const config = await sign(address).then(signed => signed.config as Record<string, unknown>, notSigned)
    // What dd.config does, which itself ignores every call but the first: a signature that was
    // refused, or is for an earlier address, would otherwise stay for the life of the page.
    const [method, more] = platform === 'pc'
      ? ['config', { url: address }]
      : ['runtime.permission.requestJsApis', {}]
    const accepted = asking(() => dd._invoke(method, { ...config, ...more, jsApiList: USED }))
    await within(ANSWER_WITHIN_MS, accepted).catch(notSigned)
    return config
  }

  return {
    /** Ask for something that needs the signature. */
    async calling<T extends object>(ask: () => Promise<T>): Promise<Partial<T>> {
      await ensure()
      try {
        return await asking(ask)
      }
      catch (refused) {
        if (!(refused instanceof HostRefused) || refused.reason !== 'unsigned') throw refused
      }
      current = null
      await ensure()
      return asking(ask)
    },
    async agentId(): Promise<string> {
      return String((await ensure()).agentId ?? '')
    },
  }
}

function withoutHash(address: string): string {
  return address.split('#')[0] ?? ''
}

function notSigned(failure: unknown): never {
  console.warn('DingTalk did not accept the page', failure)
  throw new HostRefused('unsigned', failure instanceof Error ? failure.message : String(failure))
}
