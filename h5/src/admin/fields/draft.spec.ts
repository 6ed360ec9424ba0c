import { describe, expect, it } from 'vitest'
import type { FieldDefinition } from '../../api/types'
import { draftOf, keyFor, specOf } from './draft'

const field = {
  key: 'area', revision: 3, is_archived: false, result: null,
  spec: {
    type: 'number', label: { zh: '面积', en: 'Area' }, group: { zh: '门店', en: 'Shop' }, unit: '㎡', decimals: 1,
    access: { rep: { owned: 'READ' } }, show_if: [{ field: 'kind', any_of: ['a', 'b'] }, { field: 'level', any_of: ['A'] }],
  },
} as unknown as FieldDefinition

describe('a field as an administrator types it', () => {
  it('is sent as it was read when nothing was typed', () => {
    const sent = specOf(draftOf(field), field.spec)
    for (const [rule, value] of Object.entries(field.spec)) {
      expect(sent[rule as keyof typeof sent], rule).toEqual(value)
    }
  })

  it('drops rules that its type does not know', () => {
    const draft = { ...draftOf(field), type: 'yes_no' as const }
    expect(specOf(draft, null)).toMatchObject({ type: 'yes_no', unit: '', decimals: null, options: [] })
  })

  it('is given a key that nobody has yet', () => {
    expect(keyFor('Shop area (m²)', [])).toBe('shop_area_m')
    expect(keyFor('Area', ['area', 'area_2'])).toBe('area_3')
    expect(keyFor('', ['a', 'field_3'])).toBe('field_4')
  })
})
