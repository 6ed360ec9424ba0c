import { describe, expect, it } from 'vitest'
import type { FieldSpec, OwnField } from '../api/types'
import { changesOf, grouped, inGroups, isShown, written } from './values'

const spec = (type: FieldSpec['type'], more: Partial<FieldSpec> = {}): FieldSpec =>
  ({ type, label: { zh: '字段' }, ...more }) as FieldSpec
const field = (key: string, zh?: string) => ({ key, spec: spec('text', zh ? { group: { zh } } : {}) }) as OwnField
const chain = { level: 'A', type: 'store', customer_kind: 'company' }

describe('values of fields that the company made', () => {
  it.each([
    [spec('number', { unit: '㎡' }), '120.5', '120.5 ㎡'],
    [spec('money'), { amount: '-1234567.50', currency: 'CNY' }, '-1,234,567.50 CNY'],
    [spec('yes_no'), false, '否'],
    [spec('score'), 3, '★★★'],
    [spec('choices', { options: [{ key: 'a', label: { zh: '甲' } }] }), ['a', 'gone'], '甲、gone'],
    [spec('region'), ['湖北省', '武汉市'], '湖北省 武汉市'],
    [spec('member'), 'm1', '王主管'],
    [spec('text'), null, ''],
  ])('are written as people read them: %#', (of, value, expected) => {
    expect(written(of, value, { m1: '王主管' })).toBe(expected)
  })

  it('are grouped by thousands and never by decimals', () => {
    expect(['0.1234', '999', '1000', '-1000.5'].map(grouped)).toEqual(['0.1234', '999', '1,000', '-1,000.5'])
  })

  it('are shown while their conditions hold, for built-in fields too', () => {
    const of = spec('integer', { show_if: [{ field: 'kind', any_of: ['ka'] }, { field: 'level', any_of: ['A', 'B'] }] })
    expect(isShown(of, { kind: ['x', 'ka'] }, chain)).toBe(true)
    expect(isShown(of, { kind: 'x' }, chain)).toBe(false)
    expect(isShown(of, { kind: 'ka' }, { ...chain, level: 'C' })).toBe(false)
    expect(isShown(spec('text', { show_if: [{ field: 'vip', any_of: ['no'] }] }), { vip: false }, chain)).toBe(true)
  })

  it('are sent only where they changed, and null empties', () => {
    expect(changesOf({ a: '1', b: ['x'], c: true }, { a: '1', b: ['x', 'y'], d: null })).toEqual({ b: ['x', 'y'], c: null })
  })

  it('stand under their headings, those without one first', () => {
    const found = inGroups([field('a', '经营'), field('b'), field('c', '经营')])
    expect(found.map(({ heading, fields }) => [heading, fields.map(one => one.key)])).toEqual([['', ['b']], ['经营', ['a', 'c']]])
  })
})
