/** What the desk console says. The phones' pages do not carry it along. */

import { language, type Language } from '../../locales'
import { en } from './en'
import { zh } from './zh'

export type AdminSentence = keyof typeof zh

const SENTENCES: Record<Language, Record<AdminSentence, string>> = { zh, en }

/** The sentence in the reader's language, with `{name}` filled from `facts`. */
export function t(sentence: AdminSentence, facts: Record<string, string | number> = {}): string {
  return SENTENCES[language.value][sentence].replace(/\{(\w+)\}/g, (hole, name: string) =>
    String(facts[name] ?? hole),
  )
}

/** A name that the server uses, in words; itself where there are none. */
export function named(group: string, name: string): string {
  const key = `${group}.${name}`
  return key in zh ? t(key as AdminSentence) : name
}
