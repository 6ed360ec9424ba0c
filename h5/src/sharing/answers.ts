import { t } from '../locales'
import type { Access, CollaborationAnswer } from '../api/types'

/** What a colleague may do with a customer that is shared with him. */
export const ACCESSES: Access[] = ['read', 'edit']

const ANSWERS = ['read', 'edit', 'decline'] as const

/** What may be said to somebody who asks to work on a customer. */
export function collaborationAnswers(): { said: CollaborationAnswer, label: string }[] {
  return ANSWERS.map(said => ({ said, label: t(`collaborate.${said}`) }))
}
