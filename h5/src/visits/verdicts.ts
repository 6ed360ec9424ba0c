import type { LogResult, VerdictName } from '../api/types'
import type { IconName } from '../components/icons'
import { t, type Sentence } from '../locales'

export type Tone = 'green' | 'amber' | 'red' | 'grey'

const VERDICTS: Record<VerdictName, { tone: Tone, label: Sentence }> = {
  VERIFIED: { tone: 'green', label: 'verdict.verified' },
  UNVERIFIED: { tone: 'grey', label: 'verdict.unverified' },
  WEAK: { tone: 'amber', label: 'verdict.weak' },
  NEAR: { tone: 'amber', label: 'verdict.near' },
  OUT_OF_RANGE: { tone: 'red', label: 'verdict.out_of_range' },
  NO_FIX: { tone: 'grey', label: 'verdict.no_fix' },
}

export function toneOf(verdict: VerdictName): Tone {
  return VERDICTS[verdict].tone
}

export function labelOf(verdict: VerdictName): string {
  return t(VERDICTS[verdict].label)
}

/** The four taps of the shortest log (domain.md §6.1). */
export const RESULTS: { result: LogResult, label: Sentence, icon: IconName }[] = [
  { result: 'progress', label: 'result.progress', icon: 'up' },
  { result: 'no_change', label: 'result.no_change', icon: 'same' },
  { result: 'problem', label: 'result.problem', icon: 'warning' },
  { result: 'lost', label: 'result.lost', icon: 'stop' },
]

export function resultLabel(result: LogResult): string {
  return t(RESULTS.find(known => known.result === result)?.label ?? 'result.no_change')
}
