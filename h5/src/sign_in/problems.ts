/** Why signing in did not work: the server says it by a code in the address that it sends to. */

import { HostRefused } from '../host'
import { Refused } from '../api/problem'
import { failureSentence } from '../composables/show'
import { t, type Sentence } from '../locales'

const SENTENCES: Record<string, Sentence> = {
  sign_in_code_spent: 'sign_in.code_expired',
  sign_in_interrupted: 'sign_in.not_finished',
  member_unknown: 'sign_in.not_in_range',
  member_not_active: 'sign_in.departed',
  host_not_answering: 'sign_in.host_unavailable',
  too_many_requests: 'sign_in.too_often',
  connection_unknown: 'sign_in.connection_unknown',
}

/** `problem` from before the # (as the server redirects) or from the route. '' is none. */
export function problemInAddress(of_route: unknown): string {
  return new URLSearchParams(location.search).get('problem') ?? String(of_route ?? '')
}

/** Take it out of the address, so that it is not shown again after a reload. */
export function forgetProblem(): void {
  const address = new URL(location.href)
  if (!address.searchParams.has('problem')) return
  address.searchParams.delete('problem')
  history.replaceState(history.state, '', address)
}

export function problemSentence(problem: string, failure: unknown): string {
  if (problem) return t(SENTENCES[problem] ?? 'sign_in.not_finished')
  if (failure instanceof HostRefused) return t('sign_in.host_refused')
  if (failure instanceof Refused && !failure.detail) return t('sign_in.not_finished')
  return failureSentence(failure)
}
