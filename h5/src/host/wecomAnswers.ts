/** What WeCom's clients answer, in our words. */

import { HostRefused, type RefusalReason } from './bridge'

/** `localData` comes with or without its `data:` prefix, depending on the client. */
export function jpegFrom(localData: unknown): Blob {
  const base64 = String(localData ?? '').replace(/^data:[^,]*,/, '').replace(/\s/g, '')
  try {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
    if (bytes.length) return new Blob([bytes], { type: 'image/jpeg' })
  }
  catch {
    // Not base64; said below.
  }
  throw new HostRefused('unavailable', 'a picture without content')
}

/** Bar codes may come with their kind in front: `CODE_128,6901234567892`. */
export function scanned(resultStr: unknown): string {
  const said = typeof resultStr === 'string' ? resultStr.replace(/^[A-Z0-9_]+,/, '') : ''
  if (said) return said
  throw new HostRefused('unavailable', 'a code without content')
}

/** The script's own word for an address that changed while it was being signed. */
const ABORTED = 'SDK Error: Aborted'

/**
 * Ask the script. It rejects with `{errMsg: 'getLocation:fail …'}`; what stands after the colon
 * says why. An answer of nothing becomes an empty one.
 */
export async function asking<T extends object>(ask: () => Promise<T>): Promise<Partial<T>> {
  try {
    return await ask()
  }
  catch (failure) {
    if (!(failure instanceof Error) || failure.message !== ABORTED) throw refused(failure)
  }
  return ask().catch((failure: unknown) => {
    throw refused(failure)
  })
}

const WORDS: [RegExp, RefusalReason][] = [
  [/^(?:preVerifyJSAPI|config|agentConfig):|invalid signature|no permission/i, 'unsigned'],
  [/:cancel/i, 'cancelled'],
  [/not ?exist|not ?support|no ?such/i, 'missing'],
  [/time ?out/i, 'timeout'],
  [/den[iy]|auth|permission|gps closed/i, 'denied'],
]

function refused(failure: unknown): HostRefused {
  if (failure instanceof HostRefused) return failure
  const said = String((failure as { errMsg?: unknown } | null)?.errMsg ?? failure)
  const found = WORDS.find(([word]) => word.test(said))
  return new HostRefused(found?.[1] ?? 'unavailable', said)
}
