import { get, send } from '../api/client'
import type { Absences, Clock, Endings, Holders, PoolRows, Pools } from '../api/types'

export type PoolLevel = '' | 'A' | 'B' | 'C' | 'D'

export function pools(): Promise<Pools> {
  return get('/api/v1/pools', {})
}

export function inThePool(q: string, level: PoolLevel, page: number): Promise<PoolRows> {
  return get('/api/v1/pools/customers', { query: { q, level, page, pool_id: '' } })
}

export function claim(customer_id: string, key: string) {
  return send('post', '/api/v1/pools/customers/{customer_id}/claim', { path: { customer_id }, key })
}

export function clockOf(customer_id: string): Promise<Clock> {
  return get('/api/v1/customers/{customer_id}/clock', { path: { customer_id } })
}

export function askForMoreTime(customer_id: string, reason: string, key: string): Promise<Clock> {
  return send('post', '/api/v1/customers/{customer_id}/extension', {
    path: { customer_id }, body: { reason }, key,
  })
}

export function decide(customer_id: string, is_granted: boolean, key: string): Promise<Clock> {
  return send('post', '/api/v1/customers/{customer_id}/extension/decision', {
    path: { customer_id }, body: { is_granted }, key,
  })
}

export function release(customer_id: string, reason: string, key: string) {
  return send('post', '/api/v1/customers/{customer_id}/release', {
    path: { customer_id }, body: { reason }, key,
  })
}

export function holders(): Promise<Holders> {
  return get('/api/v1/pools/holders', {})
}

export function whoIsAway(): Promise<Absences> {
  return get('/api/v1/absences', {})
}

export function sayAway(member_id: string, first_day: string, last_day: string, key: string) {
  return send('put', '/api/v1/members/{member_id}/absences/{first_day}', {
    path: { member_id, first_day }, body: { last_day }, key,
  })
}

export function sayBack(member_id: string, first_day: string, key: string) {
  return send('delete', '/api/v1/members/{member_id}/absences/{first_day}', { path: { member_id, first_day }, key })
}

/** My own customers that go back to the pool soon, the soonest first. */
export function ending(): Promise<Endings> {
  return get('/api/v1/pools/ending', { query: { within_days: 15 } })
}
