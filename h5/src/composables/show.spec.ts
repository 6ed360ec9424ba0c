import { afterEach, describe, expect, it } from 'vitest'
import { Refused, Unreachable } from '../api/problem'
import { setLanguage } from '../locales'
import { clock, dateAhead, day, daysAgo, dayOf, distance, duration, failureSentence } from './show'

afterEach(() => setLanguage('zh'))

describe('what people read', () => {
  it.each([
    [0, '0 米', '0 m'],
    [859.6, '860 米', '860 m'],
    [999.4, '999 米', '999 m'],
    [999.6, '1.0 公里', '1.0 km'],
    [1234, '1.2 公里', '1.2 km'],
    [43_210, '43 公里', '43 km'],
  ])('shows %d metres as %s or %s', (metres, chinese, english) => {
    expect(distance(metres)).toBe(chinese)
    setLanguage('en')
    expect(distance(metres)).toBe(english)
  })

  it('shows moments in the company’s zone, wherever the phone thinks it is', () => {
    expect(clock('2026-03-10T16:05:00Z')).toBe('00:05')
    expect(dayOf('2026-03-10T16:05:00Z')).toBe(day('2026-03-11'))
  })

  it('counts days by the calendar, not by hours', () => {
    const now = Date.parse('2026-03-10T16:30:00Z') // half past midnight of the 11th
    expect(daysAgo('2026-03-10T15:30:00Z', now)).toBe('昨天')
    expect(daysAgo('2026-03-10T16:10:00Z', now)).toBe('今天')
    expect(daysAgo('2026-03-01T04:00:00Z', now)).toBe('10 天前')
    expect(dateAhead(1, now)).toBe('2026-03-12')
  })

  it('speaks both languages', () => {
    expect(duration(65 * 60)).toBe('1 小时 5 分')
    setLanguage('en')
    expect(duration(65 * 60)).toBe('1 h 5 min')
  })

  it('prefers the server’s own sentence about a failure', () => {
    expect(failureSentence(new Refused(409, { detail: '请先签退' }))).toBe('请先签退')
    expect(failureSentence(new Unreachable('gone'))).toContain('网络')
    expect(failureSentence(new TypeError('x is undefined'))).not.toContain('undefined')
  })
})
