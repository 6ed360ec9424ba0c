import { describe, expect, it } from 'vitest'
import { countOf, wantedBy } from './wanted'

describe('what an export is asked for', () => {
  it('is what the list was narrowed by', () => {
    const custom = JSON.stringify([{ field: 'area', op: 'gte' }, { field: 'area', op: 'lte' }, { field: 'fridge', op: 'is' }])
    const wanted = { level: 'A', is_owned: false, owner_id: 'me', tags_all: 'one,two', custom }
    expect(wantedBy(JSON.stringify(wanted))).toEqual(wanted)
    expect(countOf(wantedBy(JSON.stringify(wanted)))).toBe(6) // level, owned, two tags, two fields
  })

  it('is everything where the address says nothing, or nonsense', () => {
    for (const only of ['', '{', 'null', '[1]', '"A"']) expect(wantedBy(only)).toEqual({})
    expect(countOf({})).toBe(0)
    expect(countOf({ custom: 'nonsense' })).toBe(0)
  })
})
