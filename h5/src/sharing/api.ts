import { get, send } from '../api/client'
import type { CollaborationAnswer, WaitingRequests } from '../api/types'

export function askToCollaborate(customer_id: string, reason: string, key: string) {
  return send('post', '/api/v1/customers/{customer_id}/collaboration-requests', {
    path: { customer_id }, body: { reason }, key,
  })
}

export function whoAsks(customer_id: string): Promise<WaitingRequests> {
  return get('/api/v1/customers/{customer_id}/collaboration-requests', { path: { customer_id } })
}

export function answer(request_id: string, said: CollaborationAnswer, key: string) {
  return send('post', '/api/v1/collaboration-requests/{request_id}/answer', {
    path: { request_id }, body: { answer: said }, key,
  })
}
