import { onActivated, onDeactivated, onUnmounted } from 'vue'

/** Do it again when the app comes back to the front: a WebView may have slept since yesterday. */
export function useResume(again: () => unknown): void {
  const look = () => {
    if (document.visibilityState === 'visible') void again()
  }
  const rest = () => document.removeEventListener('visibilitychange', look)
  onActivated(() => document.addEventListener('visibilitychange', look))
  onDeactivated(rest)
  onUnmounted(rest)
}
