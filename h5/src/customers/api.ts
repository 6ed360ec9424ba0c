import { get, send } from '../api/client'
import type {
  ChatContacts, Consent, Customer, CustomerChange, CustomerRows, NewCustomer, NewLocation, Suspects,
  SuspectsQuestion,
} from '../api/types'
import type { Fix } from '../host'

type Position = Pick<Fix, 'lat' | 'lng' | 'datum'>

export interface Wanted {
  q: string
  mine: boolean
  page: number
  near: Position | null
}

export function lookUp({ q, mine, page, near }: Wanted): Promise<CustomerRows> {
  return get('/api/v1/customers', { query: { q, mine, page, ...place(near) } })
}

export function nearby(near: Position): Promise<CustomerRows> {
  const { lat, lng, datum } = near
  return get('/api/v1/customers/nearby', { query: { lat, lng, datum } })
}

export function customerOf(customer_id: string): Promise<Customer> {
  return get('/api/v1/customers/{customer_id}', { path: { customer_id } })
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
