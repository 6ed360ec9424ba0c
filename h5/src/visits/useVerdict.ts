import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { Verdict } from '../api/types'
import { toSend } from '../composables/useFix'
import type { Fix } from '../host'
import { language } from '../locales'
import { verdictAt } from './api'

/**
 * How a check-in from `fix` would be judged, asked anew with every fix. `failed` stops nobody: the
 * server judges again at the check-in itself.
 */
export function useVerdict(customer_id: string, visit_type: string | undefined, fix: Ref<Fix | null>) {
  const state = ref<'idle' | 'asking' | 'known' | 'failed'>('idle')
  const verdict = shallowRef<Verdict | null>(null)
  let newest = 0
  let running: Promise<void> = Promise.resolve()

  watch([fix, language], () => (running = ask()), { immediate: true, flush: 'sync' })

  async function ask(): Promise<void> {
    const position = toSend(fix.value)
    if (!position) return
    const mine = ++newest
    state.value = 'asking'
    try {
      const judged = await verdictAt(customer_id, position, visit_type)
      if (mine !== newest) return
      verdict.value = judged
      state.value = 'known'
    }
    catch {
      if (mine !== newest) return
      verdict.value = null
      state.value = 'failed'
    }
  }

  const settled = () => running
  const reasonNeeded = computed(() => verdict.value?.reason_needed ?? false)
  return { state, verdict, reasonNeeded, settled }
}
