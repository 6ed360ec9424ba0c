import type { NewPool, PoolRules, PoolSettings } from '../../api/types'

export type Draft = Omit<PoolSettings, 'id' | 'customers'>
export type RecycleLevel = 'A' | 'B' | 'C' | 'D'
export type RecycleCondition = 'no_follow_up' | 'no_deal'

export const OWN = 'default'
export const LEVELS: RecycleLevel[] = ['A', 'B', 'C', 'D']
export const CONDITIONS: RecycleCondition[] = ['no_follow_up', 'no_deal']

/** What is typed into, apart from what was read; a new pool begins with the rules of the company's own. */
export function draftOf(pools: PoolSettings[], id: string, own_name: string): Draft | null {
  const known = pools.find(one => one.id === (id || OWN))
  if (!known) return null
  const { id: _id, customers: _customers, ...draft } = structuredClone(known)
  if (!id) return { ...draft, name: '', position: 0, members: [] }
  return { ...draft, name: draft.name || own_name }
}

/** Days of a condition; null where it is switched off. */
export function daysOf(rules: PoolRules, level: RecycleLevel, condition: RecycleCondition): number | null {
  return rules.recycle[level][condition]?.days ?? null
}

/** Nothing typed switches a condition off. */
export function setDays(rules: PoolRules, level: RecycleLevel, condition: RecycleCondition, typed: string): void {
  const before = rules.recycle[level][condition]
  rules.recycle[level][condition] = typed.trim() === '' ? null : { changed_on: before?.changed_on ?? null, days: Number(typed) }
}

/** "7、3, 1" → 7, 3, 1: each once, the earliest reminder first; null where that is no list of days. */
export function reminderDays(typed: string): number[] | null {
  const parts = typed.split(/[\s,，、]+/).filter(Boolean)
  const days = [...new Set(parts.map(Number))].sort((one, other) => other - one)
  return days.every(one => Number.isInteger(one) && one >= 1 && one <= 3650) && days.length <= 10 ? days : null
}

export function wantedOf({ name, position, rules, members }: Draft): NewPool {
  const named = members.map(({ kind, id, is_admin }) => ({ kind, id, is_admin }))
  return { name: name.trim(), position, rules, members: named }
}
