/** A request whose answer is not known, as the phone keeps it: a page opened anew repeats it. */
export interface Unsent<Input> {
  input: Input
  key: string
}

// The server remembers its answers for 30 days; what a person typed he remembers for one.
const KEPT_FOR_MS = 24 * 60 * 60 * 1000

const nameOf = (kept_as: string) => `waiqin.unsent.${kept_as}`

export function keptUnsent<Input>(kept_as: string, now = Date.now()): Unsent<Input> | null {
  const text = kept_as && localStorage.getItem(nameOf(kept_as))
  if (!text) return null
  const { at, ...request } = JSON.parse(text) as Unsent<Input> & { at: number }
  return now - at < KEPT_FOR_MS ? request : null
}

export function keepUnsent<Input>(kept_as: string, request: Unsent<Input> | null): void {
  if (!kept_as) return
  if (request) localStorage.setItem(nameOf(kept_as), JSON.stringify({ ...request, at: Date.now() }))
  else localStorage.removeItem(nameOf(kept_as))
}
