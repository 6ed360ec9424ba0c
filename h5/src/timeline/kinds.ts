import type { TimelineEntry } from '../api/types'
import type { IconName } from '../components/icons'
import type { Sentence } from '../locales'

type Kind = TimelineEntry['kind']
export type Filter = 'all' | 'visits' | 'follow_ups' | 'comments' | 'files' | 'changes' | 'owners'

/** The chips above the list, and which kinds each lets through. */
export const FILTERS: { filter: Filter, label: Sentence, kinds: Kind[] }[] = [
  { filter: 'all', label: 'timeline.all', kinds: [] },
  { filter: 'follow_ups', label: 'timeline.follow_ups', kinds: ['follow_up'] },
  { filter: 'visits', label: 'timeline.visits', kinds: ['visit', 'plan'] },
  { filter: 'comments', label: 'timeline.comments', kinds: ['comment'] },
  { filter: 'files', label: 'timeline.files', kinds: ['attachment'] },
  { filter: 'changes', label: 'timeline.changes', kinds: ['change', 'contact'] },
  { filter: 'owners', label: 'timeline.owners', kinds: ['ownership', 'share', 'merge'] },
]

export type Tone = 'green' | 'amber' | 'grey' | 'accent'

export const LOOKS: Record<Kind, { icon: IconName, tone: Tone }> = {
  visit: { icon: 'visits', tone: 'green' },
  follow_up: { icon: 'phone', tone: 'accent' },
  comment: { icon: 'chat', tone: 'accent' },
  attachment: { icon: 'clip', tone: 'accent' },
  plan: { icon: 'today', tone: 'amber' },
  change: { icon: 'edit', tone: 'grey' },
  contact: { icon: 'me', tone: 'grey' },
  ownership: { icon: 'same', tone: 'grey' },
  share: { icon: 'person_add', tone: 'grey' },
  merge: { icon: 'merge', tone: 'grey' },
}

export const CHANNEL_ICONS: Record<string, IconName> = {
  visit: 'visits', call: 'phone', chat: 'chat', meeting: 'customers', email: 'mail', note: 'note',
}
