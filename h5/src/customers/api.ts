import { get, send } from '../api/client'
import type {
  ChatContacts, Consent, ContactChange, Customer, CustomerChange, CustomerRows, NewCustomer, NewLocation,
  CheckInsBehind, FormerContacts, Grade, GradeDecision, NewContact, Levels, NewRelation, ContactPerson, PhoneOpenings, Places, RelationshipMap, Relations, Suspects, SuspectsQuestion, Traits,
} from '../api/types'
import type { Fix } from '../host'
import type { queryOf } from './filters'

type Position = Pick<Fix, 'lat' | 'lng' | 'datum'>

export interface Wanted {
  q: string
  mine: boolean
  page: number
  near: Position | null
  only?: ReturnType<typeof queryOf>
}

export function lookUp({ q, mine, page, near, only }: Wanted): Promise<CustomerRows> {
  return get('/api/v1/customers', { query: { q, mine, page, ...only, ...place(near) } })
}

export function nearby(near: Position): Promise<CustomerRows> {
  const { lat, lng, datum } = near
  return get('/api/v1/customers/nearby', { query: { lat, lng, datum } })
}

export function customerOf(customer_id: string): Promise<Customer> {
  return get('/api/v1/customers/{customer_id}', { path: { customer_id } })
}

export function openingsOf(customer_id: string): Promise<PhoneOpenings> {
  return get('/api/v1/customers/{customer_id}/openings', { path: { customer_id } })
}

export function chatsAt(customer_id: string): Promise<ChatContacts> {
  return get('/api/v1/customers/{customer_id}/chat-contacts', { path: { customer_id } })
}

/** Whether somebody in my own chats is this contact. */
export function sayWho(
  customer_id: string, chat_contact_id: string, contact_id: string, is_same: boolean, key: string,
) {
  return send('put', '/api/v1/customers/{customer_id}/chat-contacts/{chat_contact_id}', {
    path: { customer_id, chat_contact_id },
    body: { contact_id, is_same },
    key,
  })
}

/** The contact agreed, in this way; or, with null, he does not any more. */
export function setConsent(customer_id: string, contact_id: string, how: Consent['how'] | null, key: string) {
  return send('put', '/api/v1/customers/{customer_id}/contacts/{contact_id}/consent', {
    path: { customer_id, contact_id },
    body: how ? { given: true, how } : { given: false, how: 'spoken' },
    key,
  })
}

export function editContact(customer_id: string, contact_id: string, body: ContactChange, key: string): Promise<Customer> {
  return send('patch', '/api/v1/customers/{customer_id}/contacts/{contact_id}', {
    path: { customer_id, contact_id }, body: body as Required<ContactChange>, key,
  })
}

export function addContact(customer_id: string, body: NewContact, key: string): Promise<Customer> {
  return send('post', '/api/v1/customers/{customer_id}/contacts', {
    path: { customer_id }, body, key,
  })
}

export function removeContact(customer_id: string, contact_id: string, key: string): Promise<Customer> {
  return send('delete', '/api/v1/customers/{customer_id}/contacts/{contact_id}', {
    path: { customer_id, contact_id }, key,
  })
}

/** He works at another customer now. */
export function moveContact(
  customer_id: string, contact_id: string, body: { to_customer_id: string, title: string }, key: string,
): Promise<FormerContacts> {
  return send('post', '/api/v1/customers/{customer_id}/contacts/{contact_id}/move', {
    path: { customer_id, contact_id }, body, key,
  })
}

export function formerContacts(customer_id: string): Promise<FormerContacts> {
  return get('/api/v1/customers/{customer_id}/former-contacts', { path: { customer_id } })
}

/** Who works there, who reports to whom, and who of us knows whom. */
export function relationshipsAt(customer_id: string): Promise<RelationshipMap> {
  return get('/api/v1/customers/{customer_id}/relationship-map', { path: { customer_id } })
}

export function personOf(customer_id: string, contact_id: string): Promise<ContactPerson> {
  return get('/api/v1/customers/{customer_id}/contacts/{contact_id}/person', { path: { customer_id, contact_id } })
}

export function notePerson(customer_id: string, contact_id: string, body: Traits, key: string) {
  return send('put', '/api/v1/customers/{customer_id}/contacts/{contact_id}/person', {
    path: { customer_id, contact_id }, body, key,
  })
}

export function relationsOf(customer_id: string): Promise<Relations> {
  return get('/api/v1/customers/{customer_id}/relations', { path: { customer_id } })
}

export function addRelation(customer_id: string, body: NewRelation, key: string): Promise<Relations> {
  return send('post', '/api/v1/customers/{customer_id}/relations', { path: { customer_id }, body, key })
}

export function endRelation(customer_id: string, relation_id: string, key: string): Promise<Relations> {
  return send('delete', '/api/v1/customers/{customer_id}/relations/{relation_id}', {
    path: { customer_id, relation_id }, key,
  })
}

export function gradeOf(customer_id: string): Promise<Grade> {
  return get('/api/v1/customers/{customer_id}/grade', { path: { customer_id } })
}

export function decideGrade(proposal_id: string, body: GradeDecision, key: string) {
  return send('post', '/api/v1/grade-proposals/{proposal_id}/decision', { path: { proposal_id }, body, key })
}

export function levelsOf(customer_id: string): Promise<Levels> {
  return get('/api/v1/customers/{customer_id}/levels', { path: { customer_id } })
}

export function closePlace(customer_id: string, location_id: string, key: string): Promise<Customer> {
  return send('delete', '/api/v1/customers/{customer_id}/places/{location_id}', {
    path: { customer_id, location_id }, key,
  })
}

/** Every door with its history. */
export function placesOf(customer_id: string): Promise<Places> {
  return get('/api/v1/customers/{customer_id}/places', { path: { customer_id } })
}

export function checkInsBehind(customer_id: string, location_id: string): Promise<CheckInsBehind> {
  return get('/api/v1/customers/{customer_id}/places/{location_id}/check-ins', { path: { customer_id, location_id } })
}

/** Back to the place that this one replaced. */
export function undoPlace(customer_id: string, location_id: string, key: string): Promise<Customer> {
  return send('post', '/api/v1/customers/{customer_id}/places/{location_id}/undo', {
    path: { customer_id, location_id }, key,
  })
}

export function create(body: NewCustomer, key: string): Promise<Customer> {
  return send('post', '/api/v1/customers', { body, key })
}

/** What the customer may be already. A question: it needs no key, and its answer is not kept. */
export function suspectsOf(body: SuspectsQuestion): Promise<Suspects> {
  return send('post', '/api/v1/customers/suspects', { body, key: '' })
}

export function edit(customer_id: string, body: CustomerChange, key: string): Promise<Customer> {
  return send('patch', '/api/v1/customers/{customer_id}', { path: { customer_id }, body, key })
}

export function proposePlace(customer_id: string, body: NewLocation, key: string): Promise<Customer> {
  const path = { customer_id }
  return send('post', '/api/v1/customers/{customer_id}/location', { path, body, key })
}

export function confirmPlace(customer_id: string, location_id: string, key: string): Promise<Customer> {
  return send('post', '/api/v1/customers/{customer_id}/location/confirmation', {
    path: { customer_id },
    body: { location_id },
    key,
  })
}

function place(near: Position | null): Partial<Position> {
  return near ? { lat: near.lat, lng: near.lng, datum: near.datum } : {}
}
