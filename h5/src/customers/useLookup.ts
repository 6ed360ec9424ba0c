import { computed, onScopeDispose, ref, watch } from 'vue'
import type { CustomerRow } from '../api/types'
import { recentFix, useFix } from '../composables/useFix'
import { useEndlessList } from '../composables/useEndlessList'
import { HostRefused } from '../host'
import { lookUp, nearby } from './api'

export type Scope = 'mine' | 'all' | 'nearby'

const TYPING_PAUSE_MS = 250

/** One box and three chips over one list. Every change makes the older answers stale. */
export function useLookup() {
  const typed = ref('')
  const scope = ref<Scope>('mine')
  const locating = useFix()

  const list = useEndlessList<CustomerRow, number>(async (page) => {
    if (scope.value === 'nearby' && !typed.value.trim()) return await around()
    const near = scope.value === 'nearby' ? locating.fix.value : recentFix()
    const mine = scope.value === 'mine'
    const found = await lookUp({ q: typed.value.trim(), mine, page: page ?? 1, near })
    return { rows: found.rows, next: found.more ? (page ?? 1) + 1 : null }
  })

  async function around() {
    await locating.renewIfOld()
    if (!locating.fix.value) await locating.locate()
    if (!locating.fix.value) throw locating.refusal.value ?? new HostRefused('unavailable')
    const found = await nearby(locating.fix.value)
    return { rows: found.rows, next: null }
  }

  let pause: ReturnType<typeof setTimeout> | undefined
  watch(typed, () => {
    clearTimeout(pause)
    pause = setTimeout(list.start, TYPING_PAUSE_MS)
  })
  watch(scope, () => {
    clearTimeout(pause)
    list.rows.value = []
    void list.start()
  })
  onScopeDispose(() => clearTimeout(pause))

  const isTyped = computed(() => typed.value.trim() !== '')
  return { ...list, typed, isTyped, scope }
}
