import { get, send } from '../api/client'
import type { Customer, Tag, TagGroup } from '../api/types'

export async function tagGroups(): Promise<TagGroup[]> {
  return (await get('/api/v1/tags')).groups
}

export function tagCustomer(customer_id: string, add: string[], remove: string[], key: string): Promise<Customer> {
  return send('patch', '/api/v1/customers/{customer_id}/tags', { path: { customer_id }, body: { add, remove }, key })
}

export function makeTag(group_id: string, name: string, key: string): Promise<Tag> {
  return send('post', '/api/v1/tags', { body: { group_id, name }, key })
}
