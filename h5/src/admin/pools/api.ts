import { get, send } from '../../api/client'
import type { Endings, NewPool, PoolRules, PoolSettings } from '../../api/types'

export async function poolSettings(): Promise<PoolSettings[]> {
  const { pools } = await get('/api/v1/pools/settings', {})
  return pools as PoolSettings[]
}

export function savePool(pool_id: string, body: NewPool, key: string) {
  return pool_id
    ? send('put', '/api/v1/pools/{pool_id}', { path: { pool_id }, body, key })
    : send('post', '/api/v1/pools', { body, key })
}

/** What these rules would take back in eight days, if nobody did anything. It changes nothing. */
export function tryPool(pool_id: string, rules: PoolRules, key: string): Promise<Endings> {
  return send('post', '/api/v1/pools/recycling', { body: { pool_id, rules, in_days: 8 }, key })
}
