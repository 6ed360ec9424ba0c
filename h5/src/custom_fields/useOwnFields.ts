import { shallowRef } from 'vue'
import type { OwnField } from '../api/types'
import { fieldsOf, type FieldsOf } from './api'

/** What was read last is shown at once; what an administrator changed since comes a moment later. */
const known = { customer: shallowRef<OwnField[]>([]), contact: shallowRef<OwnField[]>([]) }

/** The fields of customers, or of contacts. When they do not come the page is whole without them. */
export function useOwnFields(of: FieldsOf = 'customer') {
  const fields = known[of]
  async function load() {
    try {
      fields.value = await fieldsOf(of)
    }
    catch {
      // The page itself says that there is no network; these are beside it.
    }
  }
  return { fields, load }
}
