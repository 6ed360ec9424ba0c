import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { CustomerRow } from '../api/types'
import { recentFix, useFix } from '../composables/useFix'
import { useEndlessList } from '../composables/useEndlessList'
import { HostRefused } from '../host'
import { useOwnFields } from '../custom_fields/useOwnFields'
import { lookUp, nearby } from './api'
import { countOf, noFilters, queryOf, type Filters } from './filters'

export type Scope = 'mine' | 'all' | 'nearby'

const TYPING_PAUSE_MS = 250

/** One box, three chips and filters over one list. Every change makes the older answers stale. */
export function useLookup() {
  const typed = ref('')
  const scope = ref<Scope>('mine')
  const filters = shallowRef<Filters>(noFilters())
  const { fields, load } = useOwnFields()
  const filtered = computed(() => countOf(filters.value, fields.value))
  const locating = useFix()

  const list = useEndlessList<CustomerRow, number>(async (page) => {
    if (scope.value === 'nearby' && !typed.value.trim()) {
      const here = await located()
      if (!filtered.value) return { rows: (await nearby(here)).rows, next: null }
    }
    const near = scope.value === 'nearby' ? locating.fix.value : recentFix()
    const mine = scope.value === 'mine'
    const only = queryOf(filters.value, fields.value)
    const found = await lookUp({ q: typed.value.trim(), mine, page: page ?? 1, near, only })
    return { rows: found.rows, next: found.more ? (page ?? 1) + 1 : null }
  })

  async function located() {
    await locating.renewIfOld()
    if (!locating.fix.value) await locating.locate()
    if (!locating.fix.value) throw locating.refusal.value ?? new HostRefused('unavailable')
    return locating.fix.value
  }

  let pause: ReturnType<typeof setTimeout> | undefined
  watch(typed, () => {
    clearTimeout(pause)
    pause = setTimeout(list.start, TYPING_PAUSE_MS)
  })
  watch([scope, filters], () => {
    clearTimeout(pause)
    list.rows.value = []
    void list.start()
  })
  onScopeDispose(() => clearTimeout(pause))

  const isTyped = computed(() => typed.value.trim() !== '')
  return { ...list, typed, isTyped, scope, filters, filtered, fields, loadFields: load }
}
