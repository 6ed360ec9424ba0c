import { ref, watch, type Ref } from 'vue'

/** A text that survives leaving the page, until `forget`. */
export function useDraft(name: string): { text: Ref<string>, forget: () => void } {
  const kept_as = `waiqin.draft.${name}`
  const text = ref(localStorage.getItem(kept_as) ?? '')
  watch(text, (typed) => {
    if (typed) localStorage.setItem(kept_as, typed)
    else localStorage.removeItem(kept_as)
  })
  return { text, forget: () => localStorage.removeItem(kept_as) }
}
