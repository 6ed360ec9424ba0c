import { ref, shallowRef } from 'vue'

/**
 * Something that a page shows: `loading` until it first came, `failed` when it never did.
 * A later failure keeps what is shown, and only `failure` tells.
 */
export function useLoading<T>(read: () => Promise<T>) {
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const data = shallowRef<T | null>(null)
  const failure = shallowRef<unknown>(null)
  let newest = 0

  async function load(): Promise<void> {
    const mine = ++newest
    if (data.value === null) state.value = 'loading'
    try {
      const read_now = await read()
      if (mine === newest) show(read_now)
    }
    catch (problem) {
      if (mine !== newest) return
      failure.value = problem
      state.value = data.value === null ? 'failed' : 'ready'
    }
  }

  /** Show what a write answered, without asking again. */
  function show(answer: T): void {
    data.value = answer
    failure.value = null
    state.value = 'ready'
  }

  /** Forget what is shown: it belongs to another subject now. */
  function restart(): Promise<void> {
    data.value = null
    return load()
  }

  return { state, data, failure, load, show, restart }
}
