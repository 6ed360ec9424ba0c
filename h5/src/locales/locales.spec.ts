import { describe, expect, it } from 'vitest'
import { setLanguage, t, type Sentence } from '.'
import { en } from './en'
import { zh } from './zh'

const holes = (sentence: string) => (sentence.match(/\{\w+\}/g) ?? []).sort()

const HAN = /[\p{Script=Han}（），。：；？！「」]/u
const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g

describe('the two languages', () => {
  it.each(Object.keys(zh) as Sentence[])('fill the same holes in %s', (key) => {
    expect(holes(en[key])).toEqual(holes(zh[key]))
  })

  it('keep English free of Chinese', () => {
    const mixed = Object.entries(en).filter(([, said]) => HAN.test(said))
    expect(mixed).toEqual([])
  })

  // A sentence that is written into a page is one language for everybody.
  it('have every sentence of the pages', () => {
    const pages = import.meta.glob<string>(
      ['../**/*.vue', '../{components,composables,customers,sign_in,visits}/*.ts', '!../**/*.spec.ts'],
      { query: '?raw', import: 'default', eager: true },
    )
    const said = Object.entries(pages).map(([page, source]) => [page, source.replace(COMMENT, '')] as const)
    const chinese = said.filter(([page, source]) => HAN.test(source) && !page.endsWith('/MePage.vue'))
    expect(said.length).toBeGreaterThan(50)
    expect(chinese.map(([page]) => page)).toEqual([]) // MePage names the language that is 中文
  })

  it('put facts in as they are', () => {
    expect(t('customers.nothing', { typed: '$&<b>' })).toBe('没有找到「$&<b>」')
    setLanguage('en')
    expect(document.documentElement.lang).toBe('en')
    setLanguage('zh')
  })
})
