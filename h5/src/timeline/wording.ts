import type { ChangedField, TimelineEntry } from '../api/types'
import { duration } from '../composables/show'
import { t, type Sentence } from '../locales'
import { zh } from '../locales/zh'

/** What an entry is, in two to six characters. */
export function headline(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'visit': return t('timeline.visit')
    case 'follow_up': return t(`channel.${entry.follow_up?.channel ?? 'note'}`)
    case 'comment': return t('timeline.comment')
    case 'attachment': return t('timeline.file')
    case 'plan': return said(`timeline.plan.${entry.plan?.state}`, 'timeline.plan')
    default: return said(`timeline.action.${entry.action}`, 'timeline.action')
  }
}

/** Who it was, and the door where that is not the page. */
export function byWhom(entry: Pick<TimelineEntry, 'by_name' | 'by_id' | 'via'>): string {
  const who = entry.by_name || t(entry.by_id ? 'timeline.somebody' : 'timeline.system')
  const door = ['', 'h5', 'worker'].includes(entry.via) ? '' : said(`via.${entry.via}`, 'via.other')
  return [who, door].filter(Boolean).join(' · ')
}

/** What one call, chat or visit was like, beside its text. */
export function facts(entry: TimelineEntry): string {
  const { visit, follow_up } = entry
  const told = [
    visit?.result || follow_up?.result ? said(`result.${visit?.result || follow_up?.result}`, 'log.result') : '',
    visit?.dwell_s != null ? t('visit.stayed', { time: duration(visit.dwell_s) }) : '',
    follow_up?.duration_s ? duration(follow_up.duration_s) : '',
    follow_up?.was_answered ? t('follow_up.was_answered') : '',
    follow_up?.contact_name ? t('follow_up.with', { name: follow_up.contact_name }) : '',
    follow_up?.was_edited ? t('timeline.edited') : '',
  ]
  return told.filter(Boolean).join(' · ')
}

export function fieldName(field: string): string {
  return said(`field.${field}`, 'field.other')
}

/** A value of a field in words; nothing where there was none. */
export function value(change: Pick<ChangedField, 'field'>, raw: ChangedField['before']): string {
  if (raw === null || raw === '') return ''
  if (raw === true || raw === false) return t(raw ? 'timeline.yes' : 'timeline.no')
  const kind = WORDED[change.field] ?? ''
  const [way, ...name] = String(raw).split(':') // of a rule that names a territory or a tag
  if (kind === 'why' && NAMING.has(way!) && name.length) return `${t(`why.${way}` as Sentence)} · ${name.join(':')}`
  return words(`${kind}.${raw}`) ?? String(raw)
}

const NAMING = new Set(['territory', 'by_tag'])

const WORDED: Record<string, string> = {
  lifecycle_stage: 'stage', role: 'role', attitude: 'attitude', access: 'access', reason: 'why', place_class: 'place_class',
}

function words(key: string): string | null {
  return key in zh ? t(key as Sentence) : null
}

function said(key: string, otherwise: Sentence): string {
  return words(key) ?? t(otherwise)
}
