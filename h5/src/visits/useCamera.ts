import { showToast } from 'vant'
import { onScopeDispose, ref } from 'vue'
import { isCancelled, photoRefused } from '../composables/refusals'
import { takePhoto, type TakenPhoto } from './photos'

/** A WebView that tells nothing about a closed camera must not lock the button for longer. */
const UNLOCKED_AFTER_MS = 20_000
const UNLOCKED_AFTER_RETURN_MS = 3_000

/**
 * One camera at a time. `take` gives null when there is no picture, and says why unless it was a
 * person's choice.
 */
export function useCamera() {
  const taking = ref(false)
  let unlocking: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  function unlockIn(wait_ms: number): void {
    clearTimeout(unlocking)
    unlocking = setTimeout(() => (taking.value = false), wait_ms)
  }
  const back = () => {
    if (taking.value && document.visibilityState === 'visible') unlockIn(UNLOCKED_AFTER_RETURN_MS)
  }
  document.addEventListener('visibilitychange', back)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', back)
    clearTimeout(unlocking)
  })

  async function take(): Promise<TakenPhoto | null> {
    if (taking.value) return null
    const mine = ++turn
    taking.value = true
    unlockIn(UNLOCKED_AFTER_MS)
    try {
      return await takePhoto()
    }
    catch (problem) {
      if (!isCancelled(problem)) showToast(photoRefused(problem))
      return null
    }
    finally {
      if (mine === turn) unlockIn(0)
    }
  }

  return { taking, take }
}
