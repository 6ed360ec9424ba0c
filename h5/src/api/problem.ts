import type { Problem } from './types'

/** The server said no. `detail` is its sentence for a person, in his language. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly facts: Record<string, unknown>
  /** How long to wait before the same request may be sent again, when that is all it takes. */
  readonly retry_after_s: number | null

  constructor(status: number, problem: Partial<Problem>, retry_after: string | null = null) {
    super(problem.code ?? `http_${status}`)
    this.name = 'Refused'
    this.status = status
    this.code = problem.code ?? ''
    this.detail = problem.detail ?? ''
    this.facts = problem.facts ?? {}
    this.retry_after_s = status === 429 && /^\d+$/.test(retry_after ?? '') ? Number(retry_after) : null
  }

  /** The same request may well succeed a moment later. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500
  }
}

/** No answer came: whether the server has done it is unknown, so a retry must reuse its key. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super(String(cause))
    this.name = 'Unreachable'
  }
}

/** Whether trying the same thing again later is the right advice. */
export function isPassing(failure: unknown): boolean {
  return failure instanceof Unreachable || (failure instanceof Refused && failure.isPassing)
}
