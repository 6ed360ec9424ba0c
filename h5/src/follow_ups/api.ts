import { get, send } from '../api/client'
import type { FollowUp, FollowUpChange, NewFollowUp } from '../api/types'

export function recordFollowUp(customer_id: string, body: NewFollowUp, key: string): Promise<FollowUp> {
  return send('post', '/api/v1/customers/{customer_id}/follow-ups', { path: { customer_id }, body, key })
}

export function followUpOf(follow_up_id: string): Promise<FollowUp> {
  return get('/api/v1/follow-ups/{follow_up_id}', { path: { follow_up_id } })
}

export function editFollowUp(follow_up_id: string, body: FollowUpChange, key: string): Promise<FollowUp> {
  return send('patch', '/api/v1/follow-ups/{follow_up_id}', { path: { follow_up_id }, body, key })
}

/** Takes one of mine back; that there was one is still seen. */
export function removeFollowUp(follow_up_id: string, key: string): Promise<FollowUp> {
  return send('delete', '/api/v1/follow-ups/{follow_up_id}', { path: { follow_up_id }, key })
}
