import { t } from '../locales'
import type { CollaborationAnswer } from '../api/types'

const ANSWERS = ['read', 'edit', 'decline'] as const

/** What may be said to somebody who asks to work on a customer. */
export function collaborationAnswers(): { said: CollaborationAnswer, label: string }[] {
  return ANSWERS.map(said => ({ said, label: t(`collaborate.${said}`) }))
}
