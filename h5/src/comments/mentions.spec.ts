import { describe, expect, it } from 'vitest'
import { stillNamed, typedName, withMention } from './mentions'

const han = { id: 'h', name: '韩梅梅' }
const wang = { id: 'w', name: '王主管' }

describe('mentions', () => {
  it.each([
    ['@', 1, ''],
    ['先别降价 @韩', 7, '韩'],
    ['@韩梅梅 帮看看', 8, null],
    ['a@b', 3, 'b'],
    ['没有', 2, null],
    ['@王 后面', 2, '王'],
  ])('%s: behind the @ stands %s', (text, caret, expected) => {
    expect(typedName(text, caret)).toBe(expected)
  })

  it('puts the person in the place of what was typed', () => {
    expect(withMention('请 @王 看看', 4, wang)).toEqual({ text: '请 @王主管  看看', caret: 7 })
  })

  it('forgets who was deleted from the text, and names nobody twice', () => {
    expect(stillNamed('@王主管 能批吗', [han, wang, wang])).toEqual([wang])
  })
})
