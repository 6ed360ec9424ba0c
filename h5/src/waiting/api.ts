import { get } from '../api/client'
import { me } from '../api/session'
import type { GradeProposals, WaitingExtensions, WaitingRequests } from '../api/types'

export interface WaitingForMe {
  requests: WaitingRequests['requests']
  extensions: WaitingExtensions['extensions']
  proposals: GradeProposals['proposals']
}

/** All that somebody like me is asked to answer. */
export async function waitingForMe(): Promise<WaitingForMe> {
  const decides = me.value?.permissions.includes('customers.assign') ?? false
  const [asked, more_time, grades] = await Promise.all([
    get('/api/v1/collaboration-requests', {}),
    decides ? get('/api/v1/pools/extensions', {}) : { extensions: [] },
    get('/api/v1/grade-proposals', {}),
  ])
  const proposals = grades.proposals.filter(one => one.may_decide) // the others are for looking at
  return { ...asked, ...more_time, proposals }
}
