import { computed, onScopeDispose, watch } from 'vue'
import { useLoading } from '../composables/useLoading'
import { exportsOfMine } from './api'

const AGAIN_AFTER_MS = 1500

/** The exports that I asked for: read again while one of them is still being written. */
export function useExports() {
  const loading = useLoading(exportsOfMine)
  const isUnderWay = computed(() =>
    loading.data.value?.rows.some(({ state }) => state === 'waiting' || state === 'writing') ?? false)

  let timer: ReturnType<typeof setTimeout> | undefined
  watch([loading.data, loading.failure], () => {
    clearTimeout(timer)
    if (isUnderWay.value) timer = setTimeout(() => void loading.load(), AGAIN_AFTER_MS)
  })
  onScopeDispose(() => clearTimeout(timer))

  return loading
}
