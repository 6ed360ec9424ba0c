import { describe, expect, it } from 'vitest'
import type { PoolRules, PoolSettings } from '../../api/types'
import { daysOf, draftOf, reminderDays, setDays, wantedOf } from './draft'

const level = () => ({
  no_follow_up: { days: 15, changed_on: null }, no_deal: null, no_opportunity: null, after_contract: { days: 90, changed_on: null },
})
const RULES = { recycle: { is_on: false, A: level(), B: level(), C: level(), D: level() } } as unknown as PoolRules
const LEILEI = { kind: 'member', id: 'lilei', name: '李雷', is_admin: true } as const
const EAST: PoolSettings = { id: 'east', name: '华东公海', position: 3, rules: RULES, members: [LEILEI], customers: 0 }
const OWN: PoolSettings = { id: 'default', name: '', position: 0, rules: RULES, members: [], customers: 0 }

describe('a pool that is being settled', () => {
  it('is apart from what was read, and the company’s own gets a name', () => {
    const draft = draftOf([EAST, OWN], 'default', '公司公海')!
    expect(draft.name).toBe('公司公海')
    draft.rules.recycle.is_on = true
    expect(RULES.recycle.is_on).toBe(false)
    expect(draftOf([EAST, OWN], 'gone', '')).toBeNull()
  })

  it('begins with the usual rules and without members when it is new', () => {
    expect(draftOf([EAST, OWN], '', '')).toMatchObject({ name: '', position: 0, members: [], rules: RULES })
  })

  it('is sent without the names of its members', () => {
    const sent = wantedOf(draftOf([EAST, OWN], 'east', '')!)
    expect(sent.members).toEqual([{ kind: 'member', id: 'lilei', is_admin: true }])
  })

  it('switches a condition off where nothing is typed, and leaves the others alone', () => {
    const { rules } = draftOf([EAST, OWN], 'east', '')!
    setDays(rules, 'A', 'no_follow_up', '')
    setDays(rules, 'B', 'no_deal', '120')
    expect(daysOf(rules, 'A', 'no_follow_up')).toBeNull()
    expect(daysOf(rules, 'B', 'no_deal')).toBe(120)
    expect(rules.recycle.A.after_contract).toEqual({ days: 90, changed_on: null })
  })

  it('reminds on days that are typed as a list', () => {
    expect(reminderDays('1、3, 7 3')).toEqual([7, 3, 1])
    expect(reminderDays('')).toEqual([])
    expect(reminderDays('三天')).toBeNull()
    expect(reminderDays('0')).toBeNull()
  })
})
