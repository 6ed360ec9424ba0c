import { computed, nextTick, ref, shallowRef, watch } from 'vue'
import { deviceId } from '../api/keys'
import { Refused } from '../api/problem'
import type { CheckIn, Visit } from '../api/types'
import { toSend, unless, useFix } from '../composables/useFix'
import { useAction } from '../composables/useAction'
import { checkIn } from './api'
import { sendPhotos, type TakenPhoto } from './photos'
import { useVerdict } from './useVerdict'

interface Arriving {
  customerId: string
  planId: string | null
  visitType: string | undefined
}

/**
 * Arriving at a customer: the fix starts at once, the press comes when the rep is ready. A press
 * that comes before the fix waits for it.
 */
export function useCheckIn({ customerId, planId, visitType }: Arriving) {
  const locating = useFix()
  const judging = useVerdict(customerId, visitType, locating.fix)
  const action = useAction(checkIn)
  const photos = shallowRef<TakenPhoto[]>([])
  const reason = ref('')
  const reasonMissing = ref(false)
  const withoutFix = ref(false)
  const waiting = ref(false)

  const reasonNeeded = computed(
    () => judging.reasonNeeded.value || refusal()?.code === 'reason_needed',
  )
  const photoNeeded = computed(
    () => judging.verdict.value?.photo_needed ?? (withoutFix.value || locating.state.value === 'failed'),
  )
  const blocks = computed(() => judging.verdict.value?.blocks ?? false)
  const stillOpen = computed(() =>
    refusal()?.code === 'visit_still_open' ? refusal()?.facts : undefined,
  )

  /** The one press. Returns the visit, or null when something is still to be done first. */
  async function press({ closeOpenVisit = false } = {}): Promise<Visit | null> {
    if (waiting.value || action.busy.value) return null
    waiting.value = true
    try {
      const visit = action.state.value === 'unsent'
        ? await action.again()
        : (await isReady()) && (await action.run(request(closeOpenVisit)))
      if (!visit) return null
      sendPhotos(visit.id, photos.value)
      return visit
    }
    finally {
      waiting.value = false
    }
  }

  async function isReady(): Promise<boolean> {
    if (!withoutFix.value) {
      const fresh = locating.fix.value ? locating.renewIfOld() : locating.locate()
      // Who gives up waiting may still want to take a photo: his next press is the one that counts.
      await unless(withoutFix, fresh)
      if (withoutFix.value || !locating.fix.value) return false
      await judging.settled()
    }
    reasonMissing.value = reasonNeeded.value && reason.value.trim() === ''
    await nextTick()
    return !reasonMissing.value && !blocks.value
  }

  function request(close_open_visit: boolean): CheckIn {
    return {
      customer_id: customerId,
      plan_id: planId,
      visit_type: visitType,
      fix: withoutFix.value ? null : toSend(locating.fix.value),
      reason: reason.value.trim(),
      client_time: new Date().toISOString(),
      device_id: deviceId(),
      app_version: __APP_VERSION__,
      close_open_visit,
    }
  }

  /** Try for a position again, giving up the choice to go without. */
  function relocate(): Promise<void> {
    withoutFix.value = false
    return locating.locate()
  }

  function goWithoutFix(): void {
    withoutFix.value = true
  }

  // A position that comes late is better than none.
  watch(locating.fix, (found) => {
    if (found) withoutFix.value = false
  })

  function refusal(): Refused | null {
    return action.failure.value instanceof Refused ? action.failure.value : null
  }

  return {
    locating, judging, action, photos, reason, reasonMissing, reasonNeeded, photoNeeded, blocks,
    stillOpen, withoutFix, waiting, press, relocate, goWithoutFix,
  }
}
