import { describe, expect, it } from 'vitest'
import { reason } from './reason'

describe('why a row is here', () => {
  it.each([
    ['phone', '', '电话 · 8000'],
    ['contact', '王经理', '联系人 · 王经理'],
    ['tag', '重点', '标签 · 重点'],
    ['similar', '', '名称相近'],
    ['name', '', ''],
    ['pinyin', '', ''],
  ] as const)('says it for %s', (on, text, said) => {
    expect(reason({ matched_on: on, matched_text: text }, ' 8000 ')).toBe(said)
  })
})
