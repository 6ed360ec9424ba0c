import { computed, ref, shallowRef } from 'vue'
import { newKey } from '../api/keys'
import { isPassing } from '../api/problem'

/**
 * One write that a person starts by a press. Pressing twice does it once.
 *
 * `unsent`: no answer came, so whether it was done is unknown. `again`, or `run` with the same
 * input, repeats the very same request with its key, and the server does it once.
 * `refused`: the server said no; whatever comes next is a new request.
 */
export function useAction<Input, Answer>(
  perform: (input: Input, key: string) => Promise<Answer>,
) {
  const state = ref<'idle' | 'sending' | 'unsent' | 'refused' | 'done'>('idle')
  const failure = shallowRef<unknown>(null)
  let pending: { input: Input, key: string } | null = null

  function run(input: Input): Promise<Answer | null> {
    if (state.value === 'sending') return Promise.resolve(null)
    const is_repeated = pending && JSON.stringify(pending.input) === JSON.stringify(input)
    return attempt(pending && is_repeated ? pending : { input, key: newKey() })
  }

  function again(): Promise<Answer | null> {
    if (state.value === 'sending' || !pending) return Promise.resolve(null)
    return attempt(pending)
  }

  async function attempt(request: { input: Input, key: string }): Promise<Answer | null> {
    pending = request
    state.value = 'sending'
    failure.value = null
    try {
      const answer = await perform(request.input, request.key)
      pending = null
      state.value = 'done'
      return answer
    }
    catch (problem) {
      failure.value = problem
      if (isPassing(problem)) {
        state.value = 'unsent'
      }
      else {
        pending = null
        state.value = 'refused'
      }
      return null
    }
  }

  /** Forget the unsent request: the person changes what he wants to send. */
  function startOver(): void {
    pending = null
    failure.value = null
    state.value = 'idle'
  }

  const busy = computed(() => state.value === 'sending')
  return { state, busy, failure, run, again, startOver }
}
