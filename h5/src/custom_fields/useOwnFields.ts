import { shallowRef } from 'vue'
import type { OwnField } from '../api/types'
import { fieldsOfCustomers } from './api'

/** What was read last is shown at once; what an administrator changed since comes a moment later. */
const known = shallowRef<OwnField[]>([])

/** The fields of customers. When they do not come the page is whole without them. */
export function useOwnFields() {
  async function load() {
    try {
      known.value = await fieldsOfCustomers()
    }
    catch {
      // The page itself says that there is no network; these are beside it.
    }
  }
  return { fields: known, load }
}
