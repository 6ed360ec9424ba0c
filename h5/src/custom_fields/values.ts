import type { FieldSpec, OwnField, OwnValue, OwnValues } from '../api/types'
import { dayAndClock } from '../composables/show'
import { language, t } from '../locales'

export type Names = Record<string, string>
export interface Words { zh: string, en?: string }
/** What a field's conditions may ask for, beside other fields of the company's own. */
export type BuiltIn = Partial<Record<'level' | 'type' | 'customer_kind' | 'role', string>>
export interface Group { heading: string, fields: OwnField[] }

export function inWords(words: Words | null | undefined): string {
  if (!words) return ''
  return (language.value === 'en' && words.en) || words.zh
}

export function optionLabel(spec: FieldSpec, key: string): string {
  return inWords(spec.options?.find(option => option.key === key)?.label) || key
}

/** A value as a person reads it; empty when there is none. */
export function written(spec: FieldSpec, value: OwnValue, names: Names): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return t(value ? 'own.yes' : 'own.no')
  if (Array.isArray(value)) {
    if (spec.type === 'region') return value.join(' ')
    return value.map(one => optionLabel(spec, one)).join(language.value === 'zh' ? '、' : ', ')
  }
  if (typeof value === 'object') return `${grouped(value.amount ?? '')} ${value.currency ?? ''}`
  switch (spec.type) {
    case 'choice': return optionLabel(spec, String(value))
    case 'moment': return dayAndClock(String(value))
    case 'member':
    case 'department':
    case 'customer': return names[String(value)] ?? '—'
    case 'score': return '★'.repeat(Number(value)) || '0'
    default: return spec.unit ? `${value} ${spec.unit}` : String(value)
  }
}

/** 1234567.50 → 1,234,567.50, without going through a number of the machine. */
export function grouped(amount: string): string {
  const [whole = '', ...rest] = amount.split('.')
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.')
}

/** Whether a field's conditions hold. */
export function isShown(spec: FieldSpec, values: OwnValues, builtIn: BuiltIn): boolean {
  const { level, type, customer_kind, role } = builtIn
  const all: Record<string, OwnValue | undefined> = { ...values }
  for (const [name, value] of Object.entries({ level, type, customer_kind, role })) if (value !== undefined) all[name] = value
  return (spec.show_if ?? []).every(({ field, any_of }) => {
    const value = all[field]
    if (typeof value === 'boolean') return any_of.includes(value ? 'yes' : 'no')
    if (Array.isArray(value)) return value.some(one => any_of.includes(one))
    return value !== null && value !== undefined && any_of.includes(String(value))
  })
}

/** The fields under their headings, in their order; those without one come first. */
export function inGroups(fields: OwnField[]): Group[] {
  const groups = new Map<string, OwnField[]>()
  for (const field of fields) {
    const heading = inWords(field.spec.group)
    groups.set(heading, [...(groups.get(heading) ?? []), field])
  }
  const sorted = [...groups].sort(([one], [other]) => Number(one !== '') - Number(other !== ''))
  return sorted.map(([heading, of_it]) => ({ heading, fields: of_it }))
}

/** What differs from what was read: only that is sent. */
export function changesOf(before: OwnValues, after: OwnValues): OwnValues {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  const differ = [...keys].filter(key => JSON.stringify(before[key] ?? null) !== JSON.stringify(after[key] ?? null))
  return Object.fromEntries(differ.map(key => [key, after[key] ?? null]))
}
