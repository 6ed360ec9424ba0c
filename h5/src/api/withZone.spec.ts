import { expect, it, vi } from 'vitest'
import { withZone } from './client'

it.each([[-480, '2026-03-10T10:00:00.000+08:00'], [210, '2026-03-09T22:30:00.000-03:30']])(
  'a moment is sent with the zone of the phone (%j minutes)', (offset, said) => {
    const moment = new Date('2026-03-10T02:00:00Z')
    vi.spyOn(moment, 'getTimezoneOffset').mockReturnValue(offset)
    expect(withZone(moment)).toBe(said)
  },
)
