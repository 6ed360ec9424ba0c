import { get, send, sendFile } from '../api/client'
import { shrinkPicture } from '../composables/shrinkPicture'
import type { Attachment, Storefront } from '../api/types'

/** Pictures are made small here already: they get through a weak network, and the server does it anyway. */
export async function addAttachment(customer_id: string, file: File, key: string): Promise<Attachment> {
  const body = file.type.startsWith('image/') ? await shrinkPicture(file) : file
  return await sendFile(`/api/v1/customers/${encodeURIComponent(customer_id)}/attachments`, body, file.name, key)
}

export function removeAttachment(attachment_id: string, key: string) {
  return send('delete', '/api/v1/attachments/{attachment_id}', { path: { attachment_id }, key })
}

export function storefrontOf(customer_id: string): Promise<Storefront> {
  return get('/api/v1/customers/{customer_id}/storefront', { path: { customer_id } })
}

/** Recognise the store by this picture, which is attached already. */
export function showFront(customer_id: string, attachment_id: string, key: string): Promise<Storefront> {
  return send('put', '/api/v1/customers/{customer_id}/storefront', { path: { customer_id }, body: { attachment_id }, key })
}
