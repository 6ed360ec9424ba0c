import { computed, ref, shallowRef } from 'vue'
import { newKey } from '../api/keys'
import { isPassing } from '../api/problem'
import { keepUnsent, keptUnsent, type Unsent } from './unsent'

/** So soon after the answer, a press was meant for the button that was still there. */
const SAME_PRESS_MS = 600

/**
 * One write that a person starts by a press. Pressing twice does it once.
 *
 * `unsent`: no answer came, so whether it was done is unknown. `again`, or `run` with the same
 * input, repeats the very same request with its key, and the server does it once.
 * `refused`: the server said no; whatever comes next is a new request.
 *
 * With `kept_as`, the phone keeps a request until its answer came: a page that is opened anew, even
 * after the app was killed, begins `unsent` with it as `kept`.
 */
export function useAction<Input, Answer>(
  perform: (input: Input, key: string) => Promise<Answer>, kept_as = '',
) {
  let pending: Unsent<Input> | null = keptUnsent<Input>(kept_as)
  const kept = pending?.input ?? null
  const state = ref<'idle' | 'sending' | 'unsent' | 'refused' | 'done'>(pending ? 'unsent' : 'idle')
  const failure = shallowRef<unknown>(null)
  let done = { said: '', at: -Infinity }

  function run(input: Input): Promise<Answer | null> {
    const said = JSON.stringify(input) ?? ''
    const is_pressed_twice = done.said === said && performance.now() - done.at < SAME_PRESS_MS
    if (state.value === 'sending' || is_pressed_twice) return Promise.resolve(null)
    const is_repeated = pending && JSON.stringify(pending.input) === said
    return attempt(pending && is_repeated ? pending : { input, key: newKey() })
  }

  function again(): Promise<Answer | null> {
    if (state.value === 'sending' || !pending) return Promise.resolve(null)
    return attempt(pending)
  }

  async function attempt(request: Unsent<Input>): Promise<Answer | null> {
    wait(request)
    state.value = 'sending'
    failure.value = null
    try {
      const answer = await perform(request.input, request.key)
      wait(null)
      done = { said: JSON.stringify(request.input) ?? '', at: performance.now() }
      state.value = 'done'
      return answer
    }
    catch (problem) {
      failure.value = problem
      if (isPassing(problem)) {
        state.value = 'unsent'
      }
      else {
        wait(null)
        state.value = 'refused'
      }
      return null
    }
  }

  function wait(request: Unsent<Input> | null): void {
    pending = request
    keepUnsent(kept_as, request)
  }

  /** Forget the unsent request: the person changes what he wants to send. */
  function startOver(): void {
    wait(null)
    failure.value = null
    state.value = 'idle'
  }

  const busy = computed(() => state.value === 'sending')
  return { state, busy, failure, kept, run, again, startOver }
}
