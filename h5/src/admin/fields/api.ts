import { get, send } from '../../api/client'
import type { AllTagSettings, FieldChange, FieldDefinitions, NewField, Tag } from '../../api/types'
import type { FieldsOf } from '../../custom_fields/api'

export function definitions(of: FieldsOf): Promise<FieldDefinitions> {
  return get('/api/v1/fields/{of}/all', { path: { of } })
}

export function define(of: FieldsOf, body: NewField, key: string): Promise<FieldDefinitions> {
  return send('post', '/api/v1/fields/{of}', { path: { of }, body, key })
}

export function redefine(of: FieldsOf, field: string, body: FieldChange, key: string): Promise<FieldDefinitions> {
  return send('put', '/api/v1/fields/{of}/{key}', { path: { of, key: field }, body, key })
}

export function archive(of: FieldsOf, field: string, revision: number, archived: boolean, key: string): Promise<FieldDefinitions> {
  return send('post', '/api/v1/fields/{of}/{key}/archive', { path: { of, key: field }, body: { revision, archived }, key })
}

export function putInOrder(of: FieldsOf, version: string, keys: string[], key: string): Promise<FieldDefinitions> {
  return send('put', '/api/v1/fields/{of}', { path: { of }, body: { version, keys }, key })
}

export function tagSettings(): Promise<AllTagSettings> {
  return get('/api/v1/tags/all')
}

export interface GroupWanted { name: string, name_en: string, is_controlled: boolean, is_single: boolean, roles: string[], position: number, is_archived: boolean }
export interface TagWanted { group_id: string, name: string, name_en: string, color: Tag['color'], position: number, is_archived: boolean }

export function saveGroup(id: string, revision: number, wanted: GroupWanted, key: string): Promise<AllTagSettings> {
  if (!id) return send('post', '/api/v1/tags/groups', { body: wanted, key })
  return send('put', '/api/v1/tags/groups/{group_id}', { path: { group_id: id }, body: { ...wanted, revision }, key })
}

export async function saveTag(id: string, revision: number, wanted: TagWanted, key: string): Promise<AllTagSettings> {
  if (id) return await send('put', '/api/v1/tags/{tag_id}', { path: { tag_id: id }, body: { ...wanted, revision }, key })
  await send('post', '/api/v1/tags', { body: wanted, key })
  return await tagSettings()
}

export function mergeTag(tag_id: string, into: string, key: string): Promise<AllTagSettings> {
  return send('post', '/api/v1/tags/{tag_id}/merge', { path: { tag_id }, body: { into }, key })
}
