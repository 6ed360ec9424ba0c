import { afterEach, expect, it } from 'vitest'
import { setLanguage } from '../locales'
import { dayNames, monthNames } from './lunar'

afterEach(() => setLanguage('zh'))

it('names the days of a lunar month as people do', () => {
  const days = dayNames('lunar', 4)
  expect([1, 10, 11, 19, 20, 21, 29, 30].map(day => days[day - 1])).toEqual([
    '初一', '初十', '十一', '十九', '二十', '廿一', '廿九', '三十',
  ])
  expect(new Set(days).size).toBe(30)
})

it.each(['zh', 'en'] as const)('offers every month and the days that it can have in %s', wanted => {
  setLanguage(wanted)
  expect([1, 2, 4].map(month => dayNames('solar', month).length)).toEqual([31, 29, 30])
  expect([monthNames('solar'), monthNames('lunar')].map(names => new Set(names).size)).toEqual([12, 12])
  expect(new Set(dayNames('lunar', 1)).size).toBe(30)
})

it('calls the last lunar month by its name', () => {
  expect(monthNames('lunar')[11]).toBe('腊月')
})
