/** What DingTalk's clients answer, in our words. */

import { HostRefused, measured, type Fix, type RefusalReason, type SaidPosition } from './bridge'

interface Position extends SaidPosition {
  netType?: unknown
  provider?: unknown
  isFromMock?: unknown
  /** Where very old Android clients put everything. */
  location?: Position
}

const PROVIDERS: Record<string, Fix['provider']> = { gps: 'gps', wifi: 'wifi', lbs: 'cell' }

/** Numbers come as texts from some clients. Only Android tells a provider and a mock flag. */
export function asFix(answer: object | null | undefined, datum: Fix['datum']): Fix {
  const said: Position = answer ?? {}
  const position = said.location ?? said
  const { netType, provider, isFromMock } = position
  return {
    ...measured(position),
    datum,
    provider: PROVIDERS[String(provider)] ?? '',
    is_mock: isFromMock === undefined ? null : [true, 1, '1', 'true'].includes(isFromMock as string),
    network: typeof netType === 'string' ? netType.slice(0, 16) : '',
    taken_at: Date.now(),
  }
}

/** A text that must be there; nothing else of the answer is of use without it. */
export function emptyIsMalformed(said: unknown): string {
  if (typeof said === 'string' && said) return said
  throw new HostRefused('unavailable', 'an answer without what was asked for')
}

// "JSAPI错误码": the bridge's own codes, those of positions, those of desks, and the script's.
const REASONS: Record<string, RefusalReason> = {
  '-1': 'cancelled',
  '1': 'missing',
  '7': 'unsigned',
  '11': 'denied',
  '14': 'timeout',
  'PC_1007': 'unsigned',
  'PC_1011': 'cancelled',
  '4040': 'missing',
  '4050': 'missing',
  '4060': 'missing',
}

/** Ask the script, and say a refusal in our words. An answer of nothing becomes an empty one. */
export async function asking<T extends object>(ask: () => Promise<T>): Promise<Partial<T>> {
  try {
    return (await ask()) ?? {}
  }
  catch (failure) {
    const { errorCode, errorMessage } = (failure ?? {}) as { errorCode?: unknown, errorMessage?: unknown }
    const said = `${String(errorCode ?? '')} ${String(errorMessage ?? '')}`.trim()
    throw new HostRefused(REASONS[String(errorCode)] ?? 'unavailable', said)
  }
}
