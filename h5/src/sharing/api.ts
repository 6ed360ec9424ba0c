import { get, send } from '../api/client'
import type { Access, CollaborationAnswer, Collaborators, WaitingRequests } from '../api/types'

export function collaboratorsOf(customer_id: string): Promise<Collaborators> {
  return get('/api/v1/customers/{customer_id}/collaborators', { path: { customer_id } })
}

export function share(customer_id: string, member_id: string, access: Access, key: string): Promise<Collaborators> {
  return send('put', '/api/v1/customers/{customer_id}/collaborators/{member_id}', {
    path: { customer_id, member_id }, body: { access }, key,
  })
}

export function unshare(customer_id: string, member_id: string, key: string) {
  return send('delete', '/api/v1/customers/{customer_id}/collaborators/{member_id}', {
    path: { customer_id, member_id }, key,
  })
}

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
