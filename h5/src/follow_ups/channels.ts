import type { NewFollowUp } from '../api/types'
import type { IconName } from '../components/icons'
import type { Sentence } from '../locales'

export type Channel = NewFollowUp['channel']

/** The ways of contact that somebody writes down, the most usual first. */
export const CHANNELS: { channel: Channel, label: Sentence, icon: IconName }[] = [
  { channel: 'call', label: 'channel.call', icon: 'phone' },
  { channel: 'chat', label: 'channel.chat', icon: 'chat' },
  { channel: 'meeting', label: 'channel.meeting', icon: 'customers' },
  { channel: 'email', label: 'channel.email', icon: 'mail' },
  { channel: 'note', label: 'channel.note', icon: 'note' },
]
