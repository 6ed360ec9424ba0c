import { send, sendFile } from '../api/client'
import { shrinkPicture } from '../composables/shrinkPicture'
import type { Attachment } from '../api/types'

/** Pictures are made small here already: they get through a weak network, and the server does it anyway. */
export async function addAttachment(customer_id: string, file: File, key: string): Promise<Attachment> {
  const body = file.type.startsWith('image/') ? await shrinkPicture(file) : file
  return await sendFile(`/api/v1/customers/${encodeURIComponent(customer_id)}/attachments`, body, file.name, key)
}

export function removeAttachment(attachment_id: string, key: string) {
  return send('delete', '/api/v1/attachments/{attachment_id}', { path: { attachment_id }, key })
}
