import { computed, onScopeDispose, watch } from 'vue'
import type { Import, ImportSettings } from '../../api/types'
import { useAction } from '../../composables/useAction'
import { useLoading } from '../../composables/useLoading'
import { oneImport, press, settle, type ImportVerb } from './api'

const AGAIN_AFTER_MS = 1000
const UNDER_WAY = new Set(['checking', 'running', 'undoing'])

type Wish = { verb: ImportVerb } | { settings: ImportSettings }

/** One import: read again each second while the server works on it, and what somebody does to it. */
export function useImport(id: string) {
  const loading = useLoading(() => oneImport(id))
  const batch = loading.data
  const isUnderWay = computed(() => UNDER_WAY.has(batch.value?.state ?? ''))

  let timer: ReturnType<typeof setTimeout> | undefined
  async function lookAgain() {
    await loading.load()
    if (isUnderWay.value) timer = setTimeout(() => void lookAgain(), AGAIN_AFTER_MS)
  }
  watch(isUnderWay, (is) => {
    clearTimeout(timer)
    if (is) timer = setTimeout(() => void lookAgain(), AGAIN_AFTER_MS)
  })
  onScopeDispose(() => clearTimeout(timer))

  const action = useAction((wanted: Wish, key: string): Promise<Import> =>
    'verb' in wanted ? press(wanted.verb, id, key) : settle(id, wanted.settings, key))

  async function wish(wanted: Wish): Promise<boolean> {
    const answer = await action.run(wanted)
    if (answer !== null) loading.show(answer)
    return answer !== null
  }

  /** One after the other: what somebody says while the last is on its way is not lost. */
  let said: Promise<unknown> = Promise.resolve()
  function sets(settings: ImportSettings): void {
    said = said.then(() => wish({ settings }))
  }

  void loading.load()
  return {
    ...loading,
    batch,
    isUnderWay,
    busy: action.busy,
    problem: action.failure,
    does: (verb: ImportVerb) => wish({ verb }),
    sets,
  }
}
