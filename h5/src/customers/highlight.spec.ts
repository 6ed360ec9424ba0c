import { describe, expect, it } from 'vitest'
import { highlight } from './highlight'

describe('highlighting what was typed', () => {
  it('marks a literal part of the name', () => {
    expect(highlight('华联超市（中山路店）', '中山')).toEqual([
      { text: '华联超市（', isHit: false },
      { text: '中山', isHit: true },
      { text: '路店）', isHit: false },
    ])
  })

  it('does not mind letter case', () => {
    expect(highlight('ABC 便利店', 'abc')[0]).toEqual({ text: 'ABC', isHit: true })
  })

  it.each(['hlcs', '', '   ', '.*'])('marks nothing for %j, which is not in the name', (typed) => {
    expect(highlight('华联超市', typed)).toEqual([{ text: '华联超市', isHit: false }])
  })

  it('keeps markup in a name as text', () => {
    const name = '<script>alert(1)</script>“老王”'
    expect(highlight(name, 'script').map(part => part.text).join('')).toBe(name)
  })
})
