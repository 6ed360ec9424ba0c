import { describe, expect, it } from 'vitest'
import { mark } from './highlight'

describe('marking what was meant', () => {
  it('marks a part of the name', () => {
    expect(mark('华联超市（中山路店）', [5, 7])).toEqual([
      { text: '华联超市（', isHit: false },
      { text: '中山', isHit: true },
      { text: '路店）', isHit: false },
    ])
  })

  it('counts characters, of which an emoji is one', () => {
    expect(mark('🍺华联', [1, 3])).toEqual([
      { text: '🍺', isHit: false },
      { text: '华联', isHit: true },
    ])
  })

  it('marks nothing where nothing is known', () => {
    expect(mark('华联超市', null)).toEqual([{ text: '华联超市', isHit: false }])
  })

  it('keeps markup in a name as text', () => {
    const name = '<script>alert(1)</script>“老王”'
    expect(mark(name, [1, 7]).map(part => part.text).join('')).toBe(name)
  })
})
