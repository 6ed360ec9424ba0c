import { get, send, sendPicture, sendPictureByHost, type SentPicture } from '../api/client'
import type {
  CheckIn, CheckOut, Customer, Log, Photo, SentFix, Today, Verdict, Visit,
} from '../api/types'
import type { HostPicture } from '../host'

export function today(): Promise<Today> {
  return get('/api/v1/today')
}

export function customerOf(customer_id: string): Promise<Customer> {
  return get('/api/v1/customers/{customer_id}', { path: { customer_id } })
}

/** How a check-in at this position would be judged. */
export function verdictAt(
  customer_id: string,
  { lat, lng, datum, accuracy_m }: SentFix,
  visit_type?: string,
): Promise<Verdict> {
  return get('/api/v1/verdict', { query: { customer_id, lat, lng, datum, accuracy_m, visit_type } })
}

export function checkIn(body: CheckIn, key: string): Promise<Visit> {
  return send('post', '/api/v1/visits', { body, key })
}

export function myVisits(cursor: string | null) {
  return get('/api/v1/visits', { query: { cursor } })
}

export function visitOf(visit_id: string): Promise<Visit> {
  return get('/api/v1/visits/{visit_id}', { path: { visit_id } })
}

export function checkOut(visit_id: string, body: CheckOut, key: string): Promise<Visit> {
  return send('post', '/api/v1/visits/{visit_id}/check-out', { path: { visit_id }, body, key })
}

export function writeLog(visit_id: string, body: Log, key: string): Promise<Visit> {
  return send('put', '/api/v1/visits/{visit_id}/log', { path: { visit_id }, body, key })
}

/** By us where we have the bytes, else by the host's app, which sends no cookie and so needs a pass. */
export async function uploadPhoto(
  visit_id: string,
  picture: Blob | HostPicture,
  sent: SentPicture,
): Promise<Photo> {
  const path = `/api/v1/visits/${encodeURIComponent(visit_id)}/photos`
  if (picture instanceof Blob) return sendPicture(path, picture, sent)
  const { photo_pass } = await get('/api/v1/visits/{visit_id}/photo-pass', {
    path: { visit_id },
    query: { key: sent.key },
  })
  return sendPictureByHost(`${path}/by-host`, picture, photo_pass, sent)
}
