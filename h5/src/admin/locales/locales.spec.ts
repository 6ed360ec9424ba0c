import { describe, expect, it } from 'vitest'
import { setLanguage } from '../../locales'
import { named, t, type AdminSentence } from '.'
import { en } from './en'
import { zh } from './zh'

const holes = (sentence: string) => (sentence.match(/\{\w+\}/g) ?? []).sort()
const HAN = /[\p{Script=Han}（），。：；？！「」]/u

describe('the two languages of the desk console', () => {
  it.each(Object.keys(zh) as AdminSentence[])('fill the same holes in %s', (key) => {
    expect(holes(en[key])).toEqual(holes(zh[key]))
  })

  it('keep English free of Chinese, but for the name of the other language', () => {
    const mixed = Object.entries(en).filter(([, said]) => HAN.test(said))
    expect(mixed.map(([key]) => key)).toEqual(['other_language'])
  })

  it('name what the server names, and leave what has no name', () => {
    expect(named('outcome', 'not_authentic')).toBe('签名不对')
    expect(named('kind', 'SomethingNew')).toBe('SomethingNew')
    setLanguage('en')
    expect(t('done.retry_events', { count: 3 })).toBe('3 events are tried again now')
    setLanguage('zh')
  })
})
