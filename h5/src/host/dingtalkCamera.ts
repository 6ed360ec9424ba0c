/**
 * DingTalk's own camera. What it took stays in the app: the page gets an address that only the app
 * answers, so the app also makes it smaller and sends it (open.dingtalk.com/document, "chooseImage",
 * "compressImage", "uploadFile").
 */

import { compressImage$ } from 'dingtalk-jsapi/api/biz/util/compressImage'
import { chooseImage$ } from 'dingtalk-jsapi/api/union/chooseImage'
import { uploadFile$ } from 'dingtalk-jsapi/api/union/uploadFile'
import {
  ANSWER_WITHIN_MS, HostRefused, within, type FormDoor, type HostPicture, type PostAnswer,
  type TakenPicture,
} from './bridge'
import { asking, emptyIsMalformed } from './dingtalkAnswers'
import type { signedPage } from './dingtalkSigning'
import { pickFromCamera } from './web'

const AS_THE_NETWORK_ALLOWS = 4 // `compressLevel`, its default
const POSTED_WITHIN_MS = 60_000
/** Nobody opens a camera and closes it again sooner. */
const PERSON_NEEDS_MS = 700

/**
 * What `takePhoto` is on this client. The file input, which opens at a fresh press only, is for the
 * next try when the client's own camera could not be had, and for good where there is none.
 */
export function dingtalkCamera(
  page: ReturnType<typeof signedPage>,
  has_camera: boolean,
): () => Promise<TakenPicture> {
  let next: 'camera' | 'input' = has_camera ? 'camera' : 'input'

  async function take(): Promise<TakenPicture> {
    const asked_at = Date.now()
    try {
      const path = pathIn(await page.calling(() => chooseImage$({ count: 1, sourceType: ['camera'] })))
      return { picture: pictureAt(await smaller(path)), captured_by: 'host_camera' }
    }
    catch (refused) {
      const said = inOurWords(refused as HostRefused, Date.now() - asked_at)
      if (said.reason === 'missing') has_camera = false
      if (said.reason !== 'cancelled') next = 'input'
      throw said
    }
  }

  return async () => {
    if (next === 'camera') return take()
    const taken = await pickFromCamera()
    if (has_camera) next = 'camera'
    return taken
  }
}

/** Its code 11 is both "the person went back" and "this domain is not in the app's list". */
function inOurWords(refused: HostRefused, after_ms: number): HostRefused {
  if (refused.reason !== 'denied') return refused
  return new HostRefused(after_ms < PERSON_NEEDS_MS ? 'unavailable' : 'cancelled', refused.message)
}

type Chosen = Awaited<ReturnType<typeof chooseImage$>>

/** Old and new clients say it in two ways. */
function pathIn({ files, filePaths }: Partial<Chosen>): string {
  const path = files?.[0]?.path ?? filePaths?.[0]
  if (!path) throw new HostRefused('cancelled')
  return path
}

/** Cameras make 5 MB, which a weak network does not carry; as it is where the client cannot. */
async function smaller(path: string): Promise<string> {
  const asked = asking(() =>
    compressImage$({ filePaths: [path], compressLevel: AS_THE_NETWORK_ALLOWS }),
  )
  return within(ANSWER_WITHIN_MS, asked).then(({ filePaths }) => filePaths?.[0] || path, () => path)
}

function pictureAt(path: string): HostPicture {
  async function post({ url, part, headers }: FormDoor): Promise<PostAnswer> {
    const asked = asking(() =>
      uploadFile$({
        url, filePath: path, fileName: part, fileType: 'image', header: headers, formData: {},
      }),
    )
    const { statusCode, data } = await within(POSTED_WITHIN_MS, asked)
    const status = Number(emptyIsMalformed(String(statusCode ?? '')))
    return { status, body: typeof data === 'string' ? data : JSON.stringify(data ?? null) }
  }
  return { preview: path, post }
}
