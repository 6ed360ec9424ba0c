import { get, send } from '../api/client'
import type { DuplicatePairs, Merge, MergePreview, Merges } from '../api/types'
import type { Picks } from './choices'

/** Customers that may be one; of one customer, or all that I see. */
export function duplicates(customer_id = ''): Promise<DuplicatePairs> {
  return get('/api/v1/customer-duplicates', { query: { customer_id } })
}

export function tellApart(one_id: string, other_id: string, key: string): Promise<DuplicatePairs> {
  return send('post', '/api/v1/customer-duplicates/different', { body: { one_id, other_id }, key })
}

export function previewOf(customer_id: string, loser_id: string): Promise<MergePreview> {
  return get('/api/v1/customers/{customer_id}/merge', { path: { customer_id }, query: { loser_id } })
}

export function merge(customer_id: string, loser_id: string, picks: Picks, key: string): Promise<Merge> {
  return send('post', '/api/v1/customers/{customer_id}/merge', { path: { customer_id }, body: { loser_id, picks }, key })
}

export function mergesInto(customer_id: string): Promise<Merges> {
  return get('/api/v1/customers/{customer_id}/merges', { path: { customer_id } })
}

export function undo(merge_id: string, key: string): Promise<Merge> {
  return send('post', '/api/v1/merges/{merge_id}/undo', { path: { merge_id }, key })
}
