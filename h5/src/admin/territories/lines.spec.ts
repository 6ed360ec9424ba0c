import { describe, expect, it } from 'vitest'
import { divisionsOf, linesOfDivisions, linesOfOutline, outlineOf } from './lines'

describe('a territory as it is typed', () => {
  it('has a city or a district on each line', () => {
    const typed = '武汉市 洪山区\n\n 黄石市 '
    expect(divisionsOf(typed)).toEqual([{ city: '武汉市', district: '洪山区' }, { city: '黄石市', district: '' }])
    expect(linesOfDivisions(divisionsOf(typed))).toBe('武汉市 洪山区\n黄石市')
    expect(divisionsOf('')).toEqual([])
  })

  it('has an outline of three corners or more, or none', () => {
    const typed = '30.5, 114.2\n30.7，114.2\n30.7 114.4'
    expect(outlineOf(typed)).toEqual([[30.5, 114.2], [30.7, 114.2], [30.7, 114.4]])
    expect(linesOfOutline(outlineOf(typed)!)).toBe('30.5, 114.2\n30.7, 114.2\n30.7, 114.4')
    expect(outlineOf('')).toEqual([])
    expect(outlineOf('30.5, 114.2\n30.7, 114.2')).toBeNull()
    expect(outlineOf('114.2, 30.5\n114.3, 30.5\n114.3, 30.6')).toBeNull()
    expect(outlineOf('武汉\n黄石\n鄂州')).toBeNull()
  })
})
