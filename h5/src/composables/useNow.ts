import { onScopeDispose, ref, type Ref } from 'vue'

/** This phone's clock in ms, moving on twice a minute. */
export function useNow(): Readonly<Ref<number>> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 30_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
