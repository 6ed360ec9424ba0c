import type { FieldDefinition, FieldSpec } from '../../api/types'

export type FieldType = FieldSpec['type']

/** What a field may be shown by, of what every record has. */
export const BUILT_IN = { customer: ['level', 'type', 'customer_kind'], contact: ['role'] } as const
type Option = NonNullable<FieldSpec['options']>[number]
type Access = NonNullable<FieldSpec['access']>

export const TYPES: FieldType[] = [
  'text', 'long_text', 'number', 'integer', 'money', 'date', 'moment', 'yes_no', 'choice', 'choices', 'score',
  'phone', 'email', 'url', 'barcode', 'region', 'member', 'department', 'customer', 'formula',
]

/** Which rules a type knows beside its names; the server refuses the others. */
const RULES: Partial<Record<FieldType, string[]>> = {
  text: ['length', 'pattern', 'searchable', 'default'],
  long_text: ['length'],
  number: ['bounds', 'decimals', 'unit', 'default'],
  integer: ['bounds', 'unit', 'default'],
  money: ['bounds', 'currencies'],
  score: ['bounds'],
  date: ['bounds'],
  moment: ['bounds'],
  choice: ['options', 'default'],
  choices: ['options', 'most_chosen'],
  phone: ['searchable'],
  email: ['searchable'],
  barcode: ['length', 'pattern', 'searchable'],
  formula: ['formula', 'decimals', 'unit'],
}
export const knows = (type: FieldType, rule: string) => RULES[type]?.includes(rule) ?? false

/** A field as it is typed: everything is text until it is sent. */
export interface Draft {
  key: string
  type: FieldType
  zh: string
  en: string
  group: string
  help: string
  required: boolean
  searchable: boolean
  unit: string
  decimals: string
  min: string
  max: string
  min_length: string
  max_length: string
  pattern: string
  pattern_hint: string
  currencies: string
  most_chosen: string
  default: string
  formula: string
  options: Option[]
  show_field: string
  show_values: string
  access: Access
}

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const figureText = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value))

export function draftOf(field: FieldDefinition | null): Draft {
  const spec = field?.spec
  const [condition] = spec?.show_if ?? []
  return {
    key: field?.key ?? '',
    type: spec?.type ?? 'text',
    zh: spec?.label.zh ?? '',
    en: spec?.label.en ?? '',
    group: spec?.group?.zh ?? '',
    help: spec?.help?.zh ?? '',
    required: spec?.required ?? false,
    searchable: spec?.searchable ?? false,
    unit: spec?.unit ?? '',
    decimals: figureText(spec?.decimals),
    min: spec?.min ?? '',
    max: spec?.max ?? '',
    min_length: figureText(spec?.min_length),
    max_length: figureText(spec?.max_length),
    pattern: spec?.pattern ?? '',
    pattern_hint: spec?.pattern_hint ?? '',
    currencies: (spec?.currencies ?? ['CNY']).join(', '),
    most_chosen: figureText(spec?.most_chosen),
    default: typeof spec?.default === 'string' || typeof spec?.default === 'number' ? String(spec.default) : '',
    formula: spec?.formula ?? '',
    options: copyOf(spec?.options ?? []),
    show_field: condition?.field ?? '',
    show_values: condition?.any_of.join(', ') ?? '',
    access: copyOf(spec?.access ?? {}),
  }
}

const listed = (typed: string) => typed.split(/[,，、\s]+/).filter(Boolean)
const figure = (typed: string) => (typed.trim() === '' ? null : Number(typed))
const orNull = (typed: string) => typed.trim() || null

/** What is sent. What the form does not show of a field stays as it was. */
export function specOf(draft: Draft, before: FieldSpec | null): FieldSpec {
  const { type } = draft
  const when = <T>(rule: string, value: T, otherwise: T): T => (knows(type, rule) ? value : otherwise)
  const [, ...conditions] = before?.show_if ?? []
  const shown = draft.show_field ? [{ field: draft.show_field, any_of: listed(draft.show_values) }] : []
  return {
    ...before,
    type,
    label: { zh: draft.zh, en: draft.en },
    group: draft.group.trim() ? { zh: draft.group, en: before?.group?.zh === draft.group ? before.group.en ?? '' : '' } : null,
    help: { zh: draft.help, en: before?.help?.zh === draft.help ? before.help.en ?? '' : '' },
    required: type === 'formula' ? false : draft.required,
    searchable: when('searchable', draft.searchable, false),
    unit: when('unit', draft.unit, ''),
    decimals: when('decimals', figure(draft.decimals), null),
    min: when('bounds', orNull(draft.min), null),
    max: when('bounds', orNull(draft.max), null),
    min_length: when('length', figure(draft.min_length), null),
    max_length: when('length', figure(draft.max_length), null),
    pattern: when('pattern', draft.pattern, ''),
    pattern_hint: when('pattern', draft.pattern_hint, ''),
    currencies: when('currencies', listed(draft.currencies.toUpperCase()), ['CNY']),
    most_chosen: when('most_chosen', figure(draft.most_chosen), null),
    options: when('options', draft.options, []),
    formula: when('formula', draft.formula, ''),
    default: knows(type, 'default') ? orNull(draft.default) : before?.default ?? null,
    show_if: [...shown, ...conditions],
    access: draft.access,
  } as FieldSpec
}

/** Shop area → shop_area; 面积 → field_3. */
export function keyFor(en: string, taken: string[]): string {
  const made = en.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+|_+$/g, '').slice(0, 28)
  const base = made || 'field'
  let number = made ? 1 : taken.length + 1
  const name = () => (made && number === 1 ? base : `${base}_${number}`)
  while (taken.includes(name())) number += 1
  return name()
}
