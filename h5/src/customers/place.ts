import type { NewLocation } from '../api/types'
import type { Fix } from '../host'

/** The place of a customer, proposed by somebody who stands there. */
export function standingHere({ lat, lng, datum, accuracy_m }: Fix): NewLocation {
  return { lat, lng, datum, accuracy_m }
}
