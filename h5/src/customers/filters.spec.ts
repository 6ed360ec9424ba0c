import { describe, expect, it } from 'vitest'
import type { OwnField } from '../api/types'
import { askable, countOf, noFilters, NOTHING_ASKED, queryOf, wayOf, type Asked } from './filters'

function a_field(key: string, type: string, operators: string[], level = 'EDIT'): OwnField {
  return { key, spec: { type, label: { zh: key } }, levels: { owned: level, pool: 'HIDDEN' }, operators } as unknown as OwnField
}

const AREA = a_field('area', 'number', ['is', 'gte', 'lte', 'filled', 'empty'])
const BRANDS = a_field('brands', 'choices', ['is', 'any_of', 'all_of', 'none_of', 'filled', 'empty'])
const CHAIN = a_field('chain', 'yes_no', ['is', 'filled', 'empty'])
const PLACE = a_field('place', 'region', ['is', 'begins', 'filled', 'empty'])
const NOTE = a_field('note', 'long_text', ['filled', 'empty'])
const YEARLY = a_field('yearly', 'formula', ['is', 'gte', 'lte', 'filled', 'empty'])
const SECRET = a_field('secret', 'text', ['is', 'contains'], 'MASKED')
const FIELDS = [AREA, BRANDS, CHAIN, PLACE, NOTE, YEARLY, SECRET]

const asked = (part: Partial<Asked>): Asked => ({ ...NOTHING_ASKED, ...part })

describe('what narrows a lookup', () => {
  it('is left out of the address where nothing is asked', () => {
    expect(queryOf(noFilters(), FIELDS)).toEqual({})
    expect(countOf({ ...noFilters(), own: { area: asked({ from: ' ' }) } }, FIELDS)).toBe(0)
  })

  it('is one condition for each bound, and counts once', () => {
    const filters = {
      ...noFilters(), level: 'A' as const, owned: false, tags: ['t1', 't2'],
      own: {
        area: asked({ from: '80', to: '120.5' }),
        brands: asked({ options: ['nike', 'puma'] }),
        chain: asked({ value: false }),
        place: asked({ text: '湖北省/武汉市' }),
      },
    }
    const { custom, ...plain } = queryOf(filters, FIELDS)
    expect(plain).toEqual({ level: 'A', is_owned: false, tags_all: 't1,t2' })
    expect(JSON.parse(custom ?? '')).toEqual([
      { field: 'area', op: 'gte', value: '80' },
      { field: 'area', op: 'lte', value: '120.5' },
      { field: 'brands', op: 'any_of', value: ['nike', 'puma'] },
      { field: 'chain', op: 'is', value: false },
      { field: 'place', op: 'begins', value: ['湖北省', '武汉市'] },
    ])
    expect(countOf(filters, FIELDS)).toBe(8)
  })

  it('asks a formula by what comes of it, and nothing that is not shown to me', () => {
    expect(wayOf(YEARLY)).toBe('range')
    expect(askable(FIELDS).map(({ key }) => key)).toEqual(['area', 'brands', 'chain', 'place', 'yearly'])
  })
})
