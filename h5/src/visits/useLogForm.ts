import { computed, ref } from 'vue'
import type { Log, LogResult } from '../api/types'
import { useAction } from '../composables/useAction'
import { useDraft } from '../composables/useDraft'
import { writeLog } from './api'

const SHORTEST_SUMMARY = 5

/** The shortest log: one tap and one sentence; a promise for next time if there is one. */
export function useLogForm(visit_id: string) {
  const { text: summary, forget: forgetSummary } = useDraft(`log.${visit_id}`)
  const { text: result, forget: forgetResult } = useDraft(`log_result.${visit_id}`)
  const nextAction = ref('')
  const nextActionOn = ref('')
  const asked = ref(false)
  const action = useAction((body: Log, key: string) => writeLog(visit_id, body, key))

  const charactersLeft = computed(() => Math.max(0, SHORTEST_SUMMARY - [...summary.value.trim()].length))
  const resultMissing = computed(() => asked.value && !result.value)
  const summaryMissing = computed(() => asked.value && charactersLeft.value > 0)

  /** Returns the visit with its log, or null when something is missing or did not get through. */
  async function submit() {
    asked.value = true
    if (!result.value || charactersLeft.value > 0) return null
    const visit = await action.run({
      result: result.value as LogResult,
      summary: summary.value.trim(),
      next_action: nextAction.value.trim(),
      next_action_on: nextActionOn.value || null,
    })
    if (visit) {
      forgetSummary()
      forgetResult()
    }
    return visit
  }

  return {
    result, summary, nextAction, nextActionOn, charactersLeft, resultMissing, summaryMissing,
    action, submit,
  }
}
