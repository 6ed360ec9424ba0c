import { get, send } from '../../api/client'
import type { NewTerritory, Territory } from '../../api/types'

export async function territories(): Promise<Territory[]> {
  return (await get('/api/v1/territories', {})).territories as Territory[]
}

export function saveTerritory(territory_id: string, body: NewTerritory, key: string) {
  return territory_id
    ? send('put', '/api/v1/territories/{territory_id}', { path: { territory_id }, body, key })
    : send('post', '/api/v1/territories', { body, key })
}

export function removeTerritory(territory_id: string, key: string) {
  return send('delete', '/api/v1/territories/{territory_id}', { path: { territory_id }, key })
}
