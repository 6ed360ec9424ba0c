import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { SentFix } from '../api/types'
import { host, HostRefused, type Fix } from '../host'

/** From here on a person may go on without (domain.md §4.1); the phone may still find itself. */
const SLOW_AFTER_MS = 10_000
const FRESH_MS = 30_000

/**
 * One position for one purpose. `locating` → `located` or `failed`; after a failure the person may
 * try again or go on without. Nothing leaves the phone until a request carries `toSend()`.
 */
export function useFix() {
  const state = ref<'idle' | 'locating' | 'located' | 'failed'>('idle')
  const fix = shallowRef<Fix | null>(null)
  const refusal = shallowRef<HostRefused | null>(null)
  /** It takes so long that nobody should have to wait for it. */
  const slow = ref(false)
  let running: Promise<void> | null = null
  let gone = false

  /** Ask for a fresh fix; asking while one is on its way waits for that one. */
  function locate(): Promise<void> {
    running ??= ask().finally(() => (running = null))
    return running
  }

  async function ask(): Promise<void> {
    state.value = 'locating'
    refusal.value = null
    const slowness = setTimeout(() => (slow.value = true), SLOW_AFTER_MS)
    try {
      const found = await host().currentFix()
      if (gone) return
      fix.value = found
      state.value = 'located'
      remember(found)
    }
    catch (problem) {
      refusal.value = problem instanceof HostRefused ? problem : new HostRefused('unavailable')
      state.value = fix.value ? 'located' : 'failed'
    }
    finally {
      clearTimeout(slowness)
      slow.value = false
    }
  }

  /** A fix younger than 30 s may be used; an older one is asked for again, and kept if that fails. */
  async function renewIfOld(): Promise<void> {
    if (running || (fix.value && Date.now() - fix.value.taken_at > FRESH_MS)) await locate()
  }

  onScopeDispose(() => (gone = true))
  const busy = computed(() => state.value === 'locating')
  return { state, busy, slow, fix, refusal, locate, renewIfOld }
}

/** Wait for `work`, but no longer than until somebody has had enough of it. */
export function unless(enough: Ref<boolean>, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(enough, said => said && done())
    const done = () => {
      stop()
      resolve()
    }
    void work.then(done)
  })
}

/** The fix as the server takes it; its age is reckoned now. null when there is none. */
export function toSend(fix: Fix | null): SentFix | null {
  if (!fix) return null
  const { taken_at, ...rest } = fix
  return { ...rest, age_s: Math.max(0, Math.round((Date.now() - taken_at) / 1000)) }
}

const NEARBY_ENOUGH_MS = 5 * 60_000
let last: Fix | null = null

function remember(fix: Fix): void {
  last = fix
}

/** A fix of the last five minutes, for distances in lists, without asking the phone again. */
export function recentFix(): Fix | null {
  return last && Date.now() - last.taken_at < NEARBY_ENOUGH_MS ? last : null
}
