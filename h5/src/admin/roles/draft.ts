import type { ModuleScope, NewRole, Role } from '../../api/types'

export type FieldState = 'owned' | 'pool'
export type FieldLevel = 'EDIT' | 'READ' | 'MASKED' | 'HIDDEN'
export type ScopeName = ModuleScope['scope']

/** A role as it is typed. */
export interface Draft {
  code: string
  title: string
  permissions: string[]
  scopes: Record<string, ModuleScope>
  fields: Record<string, Partial<Record<FieldState, FieldLevel>>>
}

/** Whose records may be limited, and the fields that a role may open or close. */
export const SCOPED = ['customers', 'visits'] as const
export const FIELDS = ['phone', 'email', 'credit_code', 'address', 'note'] as const
export const STATES: FieldState[] = ['owned', 'pool']
export const FIELD_LEVELS: FieldLevel[] = ['EDIT', 'READ', 'MASKED', 'HIDDEN']
export const SCOPES: ScopeName[] = ['SELF', 'DEPT', 'DEPT_AND_BELOW', 'ALL', 'CUSTOM_DEPTS']

export function draftOf(role: Role | null): Draft {
  if (!role) return { code: '', title: '', permissions: ['customers.view'], scopes: {}, fields: {} }
  const { code, title, permissions, scopes, fields } = structuredClone(role)
  return { code, title, permissions, scopes, fields }
}

/** The permissions under their modules, in the order in which the server names them. */
export function byModule(permissions: string[]): [module: string, permissions: string[]][] {
  const found = new Map<string, string[]>()
  for (const one of permissions) {
    const [module = ''] = one.split('.')
    found.set(module, [...(found.get(module) ?? []), one])
  }
  return [...found]
}

export function scopeOf({ scopes }: Draft, module: string): ModuleScope {
  return scopes[module] ?? { scope: 'SELF', departments: [], with_descendants: true }
}

/** What is not said is as usual: open, but phone and e-mail masked in a pool as the pool says. */
export function setLevel(draft: Draft, field: string, state: FieldState, level: FieldLevel | ''): void {
  const { [state]: _, ...other } = draft.fields[field] ?? {}
  const said = level ? { ...other, [state]: level } : other
  const { [field]: __, ...fields } = draft.fields
  draft.fields = Object.keys(said).length ? { ...fields, [field]: said } : fields
}

/** Only what its permissions reach is said about how far it sees. */
export function wantedOf(draft: Draft): NewRole {
  const modules = new Set(draft.permissions.map(one => one.split('.')[0]))
  const scopes = Object.entries(draft.scopes).filter(([module]) => modules.has(module))
  const fields = draft.fields as NewRole['fields']
  return { title: draft.title.trim(), permissions: draft.permissions, scopes: Object.fromEntries(scopes), fields }
}
