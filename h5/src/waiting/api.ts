import { get } from '../api/client'
import { me } from '../api/session'
import type { GradeProposals, PlaceMove, WaitingExtensions, WaitingRequests } from '../api/types'

export interface WaitingForMe {
  requests: WaitingRequests['requests']
  extensions: WaitingExtensions['extensions']
  proposals: GradeProposals['proposals']
  moves: PlaceMove[]
}

const may = (permission: string) => me.value?.permissions.includes(permission) ?? false

/** All that somebody like me is asked to answer. */
export async function waitingForMe(): Promise<WaitingForMe> {
  const [asked, more_time, grades, places] = await Promise.all([
    get('/api/v1/collaboration-requests', {}),
    may('customers.assign') ? get('/api/v1/pools/extensions', {}) : { extensions: [] },
    get('/api/v1/grade-proposals', {}),
    may('customers.confirm_location') ? get('/api/v1/place-moves', {}) : { moves: [] },
  ])
  const proposals = grades.proposals.filter(one => one.may_decide) // the others are for looking at
  return { ...asked, ...more_time, ...places, proposals }
}
