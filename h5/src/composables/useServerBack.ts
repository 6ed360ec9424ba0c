import { onScopeDispose, watch } from 'vue'
import { isReachable } from '../api/client'
import { online } from './useOnline'

const ASK_EVERY_MS = 5000

/**
 * Call `back` once the server answers again, while `waits`. A phone may say that it has a network
 * and have none that leads anywhere, so the server itself is asked, while somebody looks.
 */
export function useServerBack(waits: () => boolean, back: () => unknown): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let is_over = false

  async function ask() {
    clearTimeout(timer)
    if (document.visibilityState === 'visible' && await isReachable()) {
      if (!is_over && waits()) back()
      return
    }
    if (!is_over && waits()) timer = setTimeout(() => void ask(), ASK_EVERY_MS)
  }

  // A moment later, and not at once: what failed just now would fail again.
  watch(waits, (is_waiting) => {
    clearTimeout(timer)
    if (is_waiting) timer = setTimeout(() => void ask(), ASK_EVERY_MS)
  }, { immediate: true })
  watch(online, is_online => is_online && waits() && void ask())
  onScopeDispose(() => {
    is_over = true
    clearTimeout(timer)
  })
}
