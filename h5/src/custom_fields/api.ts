import { get } from '../api/client'
import type { OwnField } from '../api/types'

export interface Named { id: string, name: string }

/** What has fields of the company's own. */
export type FieldsOf = 'customer' | 'contact'

/** The fields that the company made for its customers, or for contacts, as far as I see them. */
export async function fieldsOf(of: FieldsOf): Promise<OwnField[]> {
  return (await get('/api/v1/fields/{of}', { path: { of } })).fields
}

/** Whom a field may name: members, departments, or customers that I see. */
export async function named(kind: string, q: string): Promise<Named[]> {
  if (kind === 'customer') {
    const found = await get('/api/v1/customers', { query: { q, mine: false, page: 1 } })
    return found.rows.map(({ id, name }) => ({ id, name }))
  }
  const query = { kind: kind === 'member' ? 'member' as const : 'department' as const, q }
  return (await get('/api/v1/fields/people', { query })).rows
}
