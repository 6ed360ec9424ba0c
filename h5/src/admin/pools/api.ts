import { get, send } from '../../api/client'
import type { Allocations, AllPoolSettings, Endings, NewPool, PoolTrial } from '../../api/types'

export async function poolSettings(): Promise<AllPoolSettings> {
  return await get('/api/v1/pools/settings', {}) as AllPoolSettings
}

export function savePool(pool_id: string, body: NewPool, key: string) {
  return pool_id
    ? send('put', '/api/v1/pools/{pool_id}', { path: { pool_id }, body, key })
    : send('post', '/api/v1/pools', { body, key })
}

/** What these rules would take back in eight days if nobody did anything, and give out now. It changes nothing. */
export async function tryPool(body: PoolTrial, key: string): Promise<{ endings: Endings, allocations: Allocations }> {
  const endings = await send('post', '/api/v1/pools/recycling', { body: { ...body, in_days: 8 }, key: `${key}r` })
  const allocations = await send('post', '/api/v1/pools/allocation', { body, key: `${key}a` })
  return { endings, allocations }
}

export function removePool(pool_id: string, into: string, key: string) {
  return send('delete', '/api/v1/pools/{pool_id}', { path: { pool_id }, query: { into }, key })
}

export function restorePool(pool_id: string, key: string) {
  return send('post', '/api/v1/pools/{pool_id}/restoration', { path: { pool_id }, key })
}
