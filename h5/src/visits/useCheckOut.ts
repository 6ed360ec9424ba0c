import { ref } from 'vue'
import { deviceId } from '../api/keys'
import type { CheckOut, Visit } from '../api/types'
import { useAction } from '../composables/useAction'
import { toSend, unless, useFix } from '../composables/useFix'
import { checkOut } from './api'

/** Leaving a customer: a press asks for a fresh fix and sends it; without one the rep decides. */
export function useCheckOut(visit_id: string) {
  const locating = useFix()
  const action = useAction((body: CheckOut, key: string) => checkOut(visit_id, body, key))
  const withoutFix = ref(false)
  const waiting = ref(false)

  async function press(): Promise<Visit | null> {
    if (waiting.value || action.busy.value) return null
    waiting.value = true
    try {
      if (action.state.value === 'unsent') return await action.again()
      if (!withoutFix.value) {
        await unless(withoutFix, locating.locate())
        if (!withoutFix.value && locating.state.value !== 'located') return null
      }
      return await action.run(request())
    }
    finally {
      waiting.value = false
    }
  }

  function request(): CheckOut {
    return {
      fix: withoutFix.value ? null : toSend(locating.fix.value),
      client_time: new Date().toISOString(),
      device_id: deviceId(),
      app_version: __APP_VERSION__,
    }
  }

  return { locating, action, withoutFix, waiting, press }
}
