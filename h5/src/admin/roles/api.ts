import { get, send } from '../../api/client'
import type { MemberRoles, NewRole, Roles } from '../../api/types'

export function allRoles(): Promise<Roles> {
  return get('/api/v1/roles', {})
}

/** A new role with `code`, or another content of one that is there. */
export function saveRole(code: string, is_new: boolean, body: NewRole, key: string): Promise<Roles> {
  return is_new
    ? send('post', '/api/v1/roles', { body: { ...body, code }, key })
    : send('put', '/api/v1/roles/{code}', { path: { code }, body, key })
}

export function removeRole(code: string, key: string) {
  return send('delete', '/api/v1/roles/{code}', { path: { code }, key })
}

export function letLeadersOversee(leaders_oversee: boolean, key: string) {
  return send('put', '/api/v1/roles/leaders', { body: { leaders_oversee }, key })
}

export function rolesOf(member_id: string): Promise<MemberRoles> {
  return get('/api/v1/members/{member_id}/roles', { path: { member_id } })
}

export function giveRole(member_id: string, code: string, key: string): Promise<MemberRoles> {
  return send('put', '/api/v1/members/{member_id}/roles/{code}', { path: { member_id, code }, key })
}

export function takeRole(member_id: string, code: string, key: string): Promise<MemberRoles> {
  return send('delete', '/api/v1/members/{member_id}/roles/{code}', { path: { member_id, code }, key })
}
