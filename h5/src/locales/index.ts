import { Locale } from 'vant'
import enUS from 'vant/es/locale/lang/en-US'
import zhCN from 'vant/es/locale/lang/zh-CN'
import { ref } from 'vue'
import { en } from './en'
import { zh } from './zh'

export type Language = 'zh' | 'en'
export type Sentence = keyof typeof zh

const KEPT_AS = 'waiqin.language'
const SENTENCES: Record<Language, Record<Sentence, string>> = { zh, en }

/** The language of this page. Chinese unless the member chose English. */
export const language = ref<Language>(localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh')
tellTheDocument(language.value)

export function setLanguage(wanted: Language): void {
  language.value = wanted
  localStorage.setItem(KEPT_AS, wanted)
  tellTheDocument(wanted)
}

/** The sentence in the member's language, with `{name}` filled from `facts`. */
export function t(sentence: Sentence, facts: Record<string, string | number> = {}): string {
  return SENTENCES[language.value][sentence].replace(/\{(\w+)\}/g, (hole, name: string) =>
    String(facts[name] ?? hole),
  )
}

function tellTheDocument(spoken: Language): void {
  document.documentElement.lang = spoken === 'zh' ? 'zh-CN' : 'en'
  if (spoken === 'zh') Locale.use('zh-CN', zhCN)
  else Locale.use('en-US', enUS)
}
