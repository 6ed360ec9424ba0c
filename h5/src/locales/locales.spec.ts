import { describe, expect, it } from 'vitest'
import { setLanguage, t, type Sentence } from '.'
import { en } from './en'
import { zh } from './zh'

const holes = (sentence: string) => (sentence.match(/\{\w+\}/g) ?? []).sort()

describe('the two languages', () => {
  it.each(Object.keys(zh) as Sentence[])('fill the same holes in %s', (key) => {
    expect(holes(en[key])).toEqual(holes(zh[key]))
  })

  it('keep English free of Chinese, but for examples', () => {
    const mixed = Object.entries(en).filter(([, said]) => /\p{Script=Han}/u.test(said))
    expect(mixed.every(([, said]) => said.startsWith('e.g.'))).toBe(true)
  })

  it('put facts in as they are', () => {
    expect(t('customers.nothing', { typed: '$&<b>' })).toBe('没有找到「$&<b>」')
    setLanguage('en')
    expect(document.documentElement.lang).toBe('en')
    setLanguage('zh')
  })
})
