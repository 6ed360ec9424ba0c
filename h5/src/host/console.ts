/**
 * The sandbox console plays the host: this page runs in its frame and asks it by `postMessage`.
 *
 *     page    → console  {waiqin: 'call', id, call, args}
 *     console → page     {waiqin: 'answer', id, ok: true, value}
 *                        {waiqin: 'answer', id, ok: false, error, message}
 */

import { HostRefused, missing, type Fix, type HostBridge, type RefusalReason } from './bridge'
import { onlineEvents, shareByWeb } from './web'

type Call = 'position' | 'photo' | 'authCode' | 'openMap' | 'callPhone' | 'setTitle' | 'close'

interface Answer {
  waiqin: 'answer'
  id: number
  ok: boolean
  value?: unknown
  error?: RefusalReason
  message?: string
}

interface ConsolePosition extends Omit<Fix, 'taken_at'> {
  age_s: number | null
}

interface Waiting {
  resolve(value: unknown): void
  reject(refused: HostRefused): void
}

export function consoleBridge(): HostBridge {
  const ask = askParent()
  return {
    hasTitleBar: true,
    can: what => what !== 'scan' && what !== 'members',
    async currentFix() {
      const { age_s, ...fix } = (await ask('position', {})) as ConsolePosition
      return { ...fix, taken_at: Date.now() - (age_s ?? 0) * 1000 }
    },
    async takePhoto() {
      const { blob } = (await ask('photo', {})) as { blob: Blob }
      return { picture: blob, captured_by: 'host_camera' }
    },
    scan: missing,
    chooseMember: missing,
    share: shareByWeb,
    async authCode(corpId) {
      const { code } = (await ask('authCode', { corp_id: corpId })) as { code: string }
      return code
    },
    openMap: async place => void (await ask('openMap', { ...place })),
    callPhone: async phone => void (await ask('callPhone', { phone })),
    setTitle: async title => void (await ask('setTitle', { title })),
    networkType: async () => (navigator.onLine ? 'unknown' : 'none'),
    onNetworkChange: onlineEvents,
    close: async () => void (await ask('close', {})),
  }
}

function askParent(): (call: Call, args: object) => Promise<unknown> {
  const waiting = new Map<number, Waiting>()
  let asked = 0

  window.addEventListener('message', (event: MessageEvent<Partial<Answer> | null>) => {
    if (event.origin !== location.origin || event.source !== window.parent) return
    const answer = event.data
    if (answer?.waiqin !== 'answer' || typeof answer.id !== 'number') return
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.ok) asker?.resolve(answer.value)
    else asker?.reject(new HostRefused(answer.error ?? 'unavailable', answer.message))
  })

  return (call, args) =>
    new Promise((resolve, reject) => {
      const id = ++asked
      waiting.set(id, { resolve, reject })
      window.parent.postMessage({ waiqin: 'call', id, call, args }, location.origin)
    })
}
