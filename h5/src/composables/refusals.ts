/** What a person is told when the host, or somebody, said no. */

import { HostRefused, type RefusalReason } from '../host'
import { t, type Sentence } from '../locales'

type Sentences = Partial<Record<RefusalReason, Sentence>>

const OF_POSITION: Sentences = {
  denied: 'fix.denied_text',
  timeout: 'fix.timeout_text',
  missing: 'fix.missing_text',
  unsigned: 'fix.unsigned_text',
}
const OF_PHOTO: Sentences = {
  denied: 'photo.denied',
  not_live: 'photo.not_live',
  unsigned: 'failure.host_unsigned',
}
const OF_ANYTHING_ELSE: Sentences = {
  unsigned: 'failure.host_unsigned',
  missing: 'failure.host_missing',
}

export function positionRefused(refusal: HostRefused | null): string {
  return sentence(refusal, OF_POSITION, 'fix.failed_text')
}

export function photoRefused(problem: unknown): string {
  return sentence(problem, OF_PHOTO, 'photo.failed')
}

export function handOverRefused(problem: unknown): string {
  return sentence(problem, OF_ANYTHING_ELSE, 'failure.host_refused')
}

/** Somebody changed his mind: nothing to tell him. */
export function isCancelled(problem: unknown): boolean {
  return problem instanceof HostRefused && problem.reason === 'cancelled'
}

function sentence(problem: unknown, known: Sentences, otherwise: Sentence): string {
  return t((problem instanceof HostRefused && known[problem.reason]) || otherwise)
}
