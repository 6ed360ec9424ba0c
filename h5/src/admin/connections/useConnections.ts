import { computed, onScopeDispose, watch } from 'vue'
import { Refused } from '../../api/problem'
import { useLoading } from '../../composables/useLoading'
import { language } from '../../locales'
import { connections } from './api'

const AGAIN_AFTER_MS = 15_000

/** All connections, read again every 15 seconds while somebody looks at them. */
export function useConnections() {
  const loading = useLoading(connections)
  const isDenied = computed(() =>
    loading.failure.value instanceof Refused && loading.failure.value.code === 'not_allowed')

  const look = () => {
    if (document.visibilityState === 'visible' && !isDenied.value) void loading.load()
  }
  const timer = setInterval(look, AGAIN_AFTER_MS)
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
  })
  watch(language, () => void loading.load()) // the server words the advice
  void loading.load()
  return { ...loading, isDenied }
}
