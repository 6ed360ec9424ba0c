import { expect, it } from 'vitest'
import { dayNames, lunarDay, monthNames } from './lunar'

it('names the days of a lunar month as people do', () => {
  expect([1, 10, 11, 19, 20, 21, 29, 30].map(lunarDay)).toEqual([
    '初一', '初十', '十一', '十九', '二十', '廿一', '廿九', '三十',
  ])
  expect(new Set(dayNames('lunar', 4)).size).toBe(30)
})

it('offers the days that a solar month can have', () => {
  expect([1, 2, 4].map(month => dayNames('solar', month).length)).toEqual([31, 29, 30])
  expect(monthNames('solar')).toHaveLength(12)
  expect(monthNames('lunar')[11]).toBe('腊月')
})
