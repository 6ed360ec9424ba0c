import { describe, expect, it } from 'vitest'
import type { MergeChoice, OwnField } from '../api/types'
import { differing, label, picked, told } from './choices'

const choice = (field: string, master: unknown, loser: unknown, kept: MergeChoice['kept'] = 'master') =>
  ({ field, master, loser, kept }) as MergeChoice
const NAME = choice('name', '华联超市', '华联连锁超市')
const FRIDGE = { key: 'fridge', spec: { type: 'boolean', label: { zh: '有冰柜' } } } as unknown as OwnField

describe('what is chosen when two customers become one', () => {
  it('is only what differs', () => {
    const choices = [
      NAME, choice('city', '武汉', '武汉'), choice('note', '', null), choice('custom.shelf', ['a'], ['a']),
    ]
    expect(differing(choices)).toEqual([NAME])
  })

  it('is told to the server only where it is not what would be kept anyway', () => {
    const other = picked({}, NAME, 'loser')
    expect(other).toEqual({ name: 'loser' })
    expect(picked(other, NAME, 'master')).toEqual({})
  })

  it('is read in words', () => {
    expect(told(choice('lifecycle_stage', 'won', ''), 'master', [], {})).toBe('成交')
    expect(told(choice('lifecycle_stage', 'won', ''), 'loser', [], {})).toBe('')
    expect(told(choice('type', 'store', 'customer'), 'loser', [], {})).toBe('客户')
    expect(told(choice('customer_kind', 'company', 'person'), 'loser', [], {})).toBe('个人')
    expect(told(choice('radius_m', 1500, null), 'master', [], {})).toBe('1.5 公里')
  })

  it('has the names and values of the company’s own fields', () => {
    const own = choice('custom.fridge', true, false)
    expect(label(own, [FRIDGE])).toBe('有冰柜')
    expect(told(own, 'loser', [FRIDGE], {})).toBe('否')
    expect(label(NAME, [FRIDGE])).toBe('名称')
  })
})
