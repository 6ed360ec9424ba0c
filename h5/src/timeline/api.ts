import { get } from '../api/client'
import type { FieldHistory, Timeline } from '../api/types'

export function timelineOf(customer_id: string, kinds: string, cursor: string): Promise<Timeline> {
  return get('/api/v1/customers/{customer_id}/timeline', {
    path: { customer_id },
    query: { kinds, cursor, limit: 20 },
  })
}

/** Of the customer itself, or with a `contact_id` of that contact. */
export function historyOf(customer_id: string, contact_id: string, field: string, cursor: string): Promise<FieldHistory> {
  if (contact_id) {
    return get('/api/v1/customers/{customer_id}/contacts/{contact_id}/history', {
      path: { customer_id, contact_id },
      query: { field, cursor, limit: 50 },
    })
  }
  return get('/api/v1/customers/{customer_id}/history', {
    path: { customer_id },
    query: { field, cursor, limit: 50 },
  })
}
