import { describe, expect, it } from 'vitest'
import type { Role } from '../../api/types'
import { byModule, draftOf, scopeOf, setLevel, wantedOf } from './draft'

const DESK: Role = {
  code: 'east_desk', title: '华东内勤', is_built_in: false, members: 1,
  permissions: ['customers.view', 'visits.view'],
  scopes: { customers: { scope: 'CUSTOM_DEPTS', departments: ['east'], with_descendants: false }, visits: { scope: 'ALL', departments: [], with_descendants: true } },
  fields: { phone: { owned: 'MASKED', pool: 'HIDDEN' } },
}

describe('a role that is being made', () => {
  it('is sent back as it came, and is apart from it', () => {
    const draft = draftOf(DESK)
    const { title, permissions, scopes, fields } = DESK
    expect(wantedOf(draft)).toEqual({ title, permissions, scopes, fields })
    draft.scopes.customers!.departments!.push('west')
    expect(DESK.scopes.customers!.departments).toEqual(['east'])
  })

  it('sees his own where nothing else is said', () => {
    expect(scopeOf(draftOf(null), 'customers').scope).toBe('SELF')
    expect(scopeOf(draftOf(DESK), 'customers').scope).toBe('CUSTOM_DEPTS')
  })

  it('says nothing about a module in which it may do nothing', () => {
    const draft = draftOf(DESK)
    draft.permissions = ['customers.view']
    expect(Object.keys(wantedOf(draft).scopes!)).toEqual(['customers'])
  })

  it('says a level of a field only where it is not the usual', () => {
    const draft = draftOf(DESK)
    setLevel(draft, 'note', 'owned', 'READ')
    setLevel(draft, 'phone', 'pool', '')
    expect(draft.fields).toEqual({ phone: { owned: 'MASKED' }, note: { owned: 'READ' } })
    setLevel(draft, 'phone', 'owned', '')
    expect(draft.fields).toEqual({ note: { owned: 'READ' } })
  })

  it('has its permissions under their modules', () => {
    expect(byModule(['customers.edit', 'customers.view', 'visits.view'])).toEqual([
      ['customers', ['customers.edit', 'customers.view']], ['visits', ['visits.view']],
    ])
  })
})
