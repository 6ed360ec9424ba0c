import type { NewExport } from '../api/types'

export type Wanted = NonNullable<NewExport['filters']>

/** What an address asks for, as the list of customers wrote it there; anything else narrows nothing. */
export function wantedBy(only: string): Wanted {
  const read = parsed(only)
  return typeof read === 'object' && read !== null && !Array.isArray(read) ? read : {}
}

/** How many things narrow, beside whose customers they are. */
export function countOf(wanted: Wanted): number {
  const { owner_id: _, tags_all, custom, ...plain } = wanted
  const tags = tags_all ? tags_all.split(',').length : 0
  const conditions = parsed(custom ?? '')
  const fields = new Set(Array.isArray(conditions) ? conditions.map(one => one?.field) : [])
  return Object.keys(plain).length + tags + fields.size
}

function parsed(written: string): unknown {
  try {
    return JSON.parse(written)
  }
  catch {
    return null
  }
}
