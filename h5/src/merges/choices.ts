import type { MergeChoice, OwnField, OwnValue } from '../api/types'
import { distance } from '../composables/show'
import { inWords, written, type Names } from '../custom_fields/values'
import { t, type Sentence } from '../locales'
import { fieldName, value as inOurWords } from '../timeline/wording'

export type Side = MergeChoice['kept']
/** Whose value somebody picked, where that is not what would be kept by itself. */
export type Picks = Record<string, Side>

const OWN = 'custom.'
const isEmpty = (value: unknown) => value === null || value === undefined || value === ''

/** Only where the two differ is there anything to choose. */
export function differing(choices: MergeChoice[]): MergeChoice[] {
  return choices.filter(({ master, loser }) =>
    JSON.stringify(master) !== JSON.stringify(loser) && !(isEmpty(master) && isEmpty(loser)))
}

export function picked(picks: Picks, choice: MergeChoice, side: Side): Picks {
  const { [choice.field]: _, ...others } = picks
  return side === choice.kept ? others : { ...others, [choice.field]: side }
}

export function label(choice: MergeChoice, fields: OwnField[]): string {
  const own = ownOf(choice, fields)
  return own ? inWords(own.spec.label) : fieldName(choice.field)
}

/** A value of either side as a person reads it; empty when there is none. */
export function told(choice: MergeChoice, side: Side, fields: OwnField[], names: Names): string {
  const raw = choice[side]
  if (isEmpty(raw)) return ''
  const own = ownOf(choice, fields)
  if (own) return written(own.spec, raw as OwnValue, names)
  switch (choice.field) {
    case 'radius_m': return distance(Number(raw))
    case 'customer_kind':
    case 'type': return t(`${choice.field === 'type' ? 'type' : 'kind'}.${raw}` as Sentence)
    default: return inOurWords({ field: choice.field }, raw as string)
  }
}

function ownOf(choice: MergeChoice, fields: OwnField[]): OwnField | undefined {
  return fields.find(({ key }) => choice.field === OWN + key)
}
