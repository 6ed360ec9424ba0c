import type { Customer, Door, NewLocation } from '../api/types'
import { dayOf } from '../composables/show'
import type { Fix } from '../host'
import { t } from '../locales'

/** The place of a customer, proposed by somebody who stands there. */
export function standingHere({ lat, lng, datum, accuracy_m }: Fix): NewLocation {
  return { lat, lng, datum, accuracy_m }
}

/** How a place stands, and on what it rests, in one sentence. */
export function standing(door: Door, needs: Customer['place_needs']): string {
  const count = door.check_ins ?? 0
  if (!door.confirmed_at) {
    if (door.replaces_id) return t(door.proposed_by_name ? 'place.waits_for_lead' : 'place.seen_elsewhere', { count, name: door.proposed_by_name ?? '' })
    return t('place.stands.proposed', { count, ...needs })
  }
  const facts = { count, name: door.confirmed_by_name ?? '', day: dayOf(door.confirmed_at) }
  if (door.confirmed_how === 'check_ins' || door.confirmed_how === 'moved') return t(`place.stands.${door.confirmed_how}`, facts)
  return t(count ? 'place.stands.lead' : 'place.stands.lead_alone', facts)
}
