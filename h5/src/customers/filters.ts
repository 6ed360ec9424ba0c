import type { Level, OwnField, OwnValue, Stage } from '../api/types'
import { sentMoment } from '../custom_fields/moments'

/** What is asked of one of the company's own fields; a part that is empty does not narrow. */
export interface Asked { options: string[], text: string, from: string, to: string, value: OwnValue }

/** By what a lookup is narrowed beside what was typed. */
export interface Filters {
  level: Level | null
  stage: Stage | null
  owned: boolean | null
  tags: string[]
  own: Record<string, Asked>
}

export interface Condition { field: string, op: string, value: OwnValue }
export type Way = 'options' | 'yes_no' | 'reference' | 'range' | 'text'

export const NOTHING_ASKED: Asked = { options: [], text: '', from: '', to: '', value: null }

export function noFilters(): Filters {
  return { level: null, stage: null, owned: null, tags: [], own: {} }
}

/** How a field is asked for; null: it is not. What comes of a formula is told by its operators. */
export function wayOf({ spec, operators }: OwnField): Way | null {
  switch (spec.type) {
    case 'choice':
    case 'choices': return 'options'
    case 'member':
    case 'department':
    case 'customer': return 'reference'
    case 'region': return 'text'
    default:
  }
  if (operators.includes('gte')) return 'range'
  if (operators.includes('contains')) return 'text'
  return operators.includes('is') ? 'yes_no' : null
}

const isSeen = (level: string) => level === 'READ' || level === 'EDIT'

/** The fields that may be asked for: those whose values I see somewhere. */
export function askable(fields: OwnField[]): OwnField[] {
  return fields.filter(field => Object.values(field.levels).some(isSeen) && wayOf(field))
}

export function conditionsOf({ own }: Filters, fields: OwnField[]): Condition[] {
  return fields.flatMap((field) => {
    const asked = own[field.key]
    return asked ? ofField(field, asked) : []
  })
}

/** As the address says it; what is not asked is left out. */
export function queryOf(filters: Filters, fields: OwnField[]) {
  const { level, stage, owned, tags } = filters
  const custom = conditionsOf(filters, fields)
  return {
    ...(level ? { level } : {}),
    ...(stage ? { lifecycle_stage: stage } : {}),
    ...(owned === null ? {} : { is_owned: owned }),
    ...(tags.length ? { tags_all: tags.join(',') } : {}),
    ...(custom.length ? { custom: JSON.stringify(custom) } : {}),
  }
}

/** How many things narrow. */
export function countOf(filters: Filters, fields: OwnField[]): number {
  const { level, stage, owned, tags } = filters
  const plain = [level !== null, stage !== null, owned !== null].filter(Boolean).length
  return plain + tags.length + new Set(conditionsOf(filters, fields).map(({ field }) => field)).size
}

function ofField(field: OwnField, { options, text, from, to, value }: Asked): Condition[] {
  const { key, spec } = field
  const says = (op: string, said: OwnValue) => ({ field: key, op, value: said })
  switch (wayOf(field)) {
    case 'options': return options.length ? [says('any_of', options)] : []
    case 'yes_no':
    case 'reference': return value === null ? [] : [says('is', value)]
    case 'text': {
      const words = text.trim()
      if (!words) return []
      return [spec.type === 'region' ? says('begins', words.split(/[/／\s]+/).filter(Boolean)) : says('contains', words)]
    }
    case 'range': return [...bound('gte', from), ...bound('lte', to)]
    default: return []
  }

  function bound(op: string, typed: string): Condition[] {
    const written = spec.type === 'moment' && typed ? sentMoment(typed) : typed.trim()
    return written ? [says(op, written)] : []
  }
}
