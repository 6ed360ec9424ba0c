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
  return { ...asked, ...more_time, ...grades }
}
