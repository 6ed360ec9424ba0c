import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { Suspect, SuspectsQuestion } from '../api/types'
import { suspectsOf } from './api'

const TYPING_PAUSE_MS = 300
const MIN_HAN = 2
const MIN_LETTERS = 4
const MIN_DIGITS = 7

/**
 * What the customer that somebody is typing may be already. Asked a moment after the last key;
 * only the answer to the latest question counts, and no answer is no hindrance: the server asks
 * itself again when it is saved.
 */
export function useSuspects(described: () => SuspectsQuestion) {
  const suspects = shallowRef<Suspect[]>([])
  let latest = 0
  let pause: ReturnType<typeof setTimeout> | undefined

  async function ask(question: SuspectsQuestion) {
    const mine = ++latest
    try {
      const found = await suspectsOf(question)
      if (mine === latest) suspects.value = found.suspects
    }
    catch {
      if (mine === latest) suspects.value = []
    }
  }

  watch(described, (question) => {
    clearTimeout(pause)
    latest++
    if (isEnough(question)) pause = setTimeout(() => void ask(question), TYPING_PAUSE_MS)
    else suspects.value = []
  }, { deep: true, immediate: true })
  onScopeDispose(() => {
    clearTimeout(pause)
    latest++
  })

  const isBlocked = computed(() => suspects.value.some((one) => one.action === 'block'))
  const isDoubtful = computed(() => suspects.value.some((one) => one.action === 'warn'))
  return { suspects, isBlocked, isDoubtful }
}

/** Two characters, four letters, or most of a phone number: less would name half the company. */
export function isEnough({ name = '', phones = [] }: SuspectsQuestion): boolean {
  const plain = name.replace(/\s/g, '')
  const han = plain.match(/\p{Script=Han}/gu)?.length ?? 0
  const digits = phones.join('').replace(/\D/g, '').length
  return han >= MIN_HAN || plain.length >= MIN_LETTERS || digits >= MIN_DIGITS
}
