/**
 * Pictures on this phone: taken before a check-in, sent after it. They outlive the page that took
 * them, so that a rep may go on while they are on their way.
 */

import { reactive, readonly, watch } from 'vue'
import { newKey } from '../api/keys'
import { isPassing } from '../api/problem'
import { online } from '../composables/useOnline'
import { host, HostRefused, type CapturedBy, type HostPicture } from '../host'
import { uploadPhoto } from './api'
import { madeAt } from './madeAt'
import { shrinkPicture } from '../composables/shrinkPicture'

export const MOST_PHOTOS = 6

export interface TakenPhoto {
  /** Also the idempotency key of its upload. */
  key: string
  picture: Blob | HostPicture
  /** For `img`: an object URL, or the host's own, which its client may refuse to show. */
  preview: string
  taken_at: Date
  captured_by: CapturedBy
  /** What the picture itself says of when it was made. */
  made_at: Date | null
}

export interface Upload extends TakenPhoto {
  visit_id: string
  state: 'waiting' | 'sending' | 'failed' | 'refused'
  failure: unknown
  /** How often the host's app could not send it. */
  refusals: number
}

/** One that the app has lost, say after it was closed, would never arrive. */
const MOST_REFUSALS = 3

const uploads = reactive<Upload[]>([])
let running: Promise<void> | null = null

/** Take one picture with the host's camera and make it small. Rejects with `HostRefused`. */
export async function takePhoto(): Promise<TakenPhoto> {
  const { picture: original, captured_by } = await host().takePhoto()
  const taken_at = new Date()
  if (!(original instanceof Blob)) {
    const { preview } = original
    return { key: newKey(), picture: original, preview, taken_at, captured_by, made_at: null }
  }
  const made_at = await madeAt(original) // before it is made small, which drops what it says
  const picture = await shrinkPicture(original)
  const preview = URL.createObjectURL(picture)
  return { key: newKey(), picture, preview, taken_at, captured_by, made_at }
}

export function dropPhoto(photo: TakenPhoto): void {
  URL.revokeObjectURL(photo.preview)
}

/** Send pictures to their visit, one after the other, in the background. */
export function sendPhotos(visit_id: string, photos: TakenPhoto[]): void {
  for (const photo of photos) {
    uploads.push({ ...photo, visit_id, state: 'waiting', failure: null, refusals: 0 })
  }
  void sendWaiting()
}

export function retryUpload(key: string): void {
  const upload = uploads.find(other => other.key === key)
  if (!upload || upload.state !== 'failed') return
  upload.state = 'waiting'
  void sendWaiting()
}

export function forgetUpload(key: string): void {
  const place = uploads.findIndex(other => other.key === key)
  const [forgotten] = place < 0 ? [] : uploads.splice(place, 1)
  if (forgotten) dropPhoto(forgotten)
}

/** What is still on its way to a visit. One that has arrived is gone from here. */
export function uploadsOf(visit_id: string): readonly Upload[] {
  return (readonly(uploads) as readonly Upload[]).filter(upload => upload.visit_id === visit_id)
}

// Pictures that failed while the network was gone go out by themselves when it is back.
watch(online, (is_back) => {
  if (!is_back) return
  for (const upload of uploads) if (upload.state === 'failed') upload.state = 'waiting'
  void sendWaiting()
})

function sendWaiting(): Promise<void> {
  running ??= sendAll().finally(() => (running = null))
  return running
}

async function sendAll(): Promise<void> {
  for (;;) {
    const next = uploads.find(upload => upload.state === 'waiting')
    if (!next) return
    await sendOne(next)
  }
}

async function sendOne(upload: Upload): Promise<void> {
  upload.state = 'sending'
  try {
    await uploadPhoto(upload.visit_id, upload.picture, upload)
    forgetUpload(upload.key)
  }
  catch (problem) {
    const may_pass = isPassing(problem)
      || (problem instanceof HostRefused && ++upload.refusals < MOST_REFUSALS)
    upload.state = may_pass ? 'failed' : 'refused'
    upload.failure = problem
  }
}
