// The small Markdown that the hosts draw, as elements. Text stays text: there is no way to HTML.

import { el } from './dom.js'

const LINK = /\[((?:\\.|[^\]\\])*)\]\(([^)\s]+)\)/
const BOLD = /\*\*((?:\\.|[^*\\])+)\*\*/
const FONT = /<font color="(info|comment|warning)">(.*?)<\/font>/
const BARE = /https?:\/\/[^\s<>"'（）「」，。]+/
const ESCAPED = /\\([\\`*_[\]<>#|~()!+\-.{}])/g

/** Paragraphs, headings, quotes and lists. `open` is called with the address of a pressed link. */
export function markdown(text, open) {
  const blocks = []
  for (const line of text.split('\n')) {
    const [, sign, rest] = /^\s*(#{1,6}\s|>\s?|[-*]\s|\d+[.、]\s?)?(.*)$/s.exec(line)
    const tag = !sign
      ? 'p'
      : sign.startsWith('#')
        ? 'h4'
        : sign.startsWith('>')
          ? 'blockquote'
          : 'li'
    if (!rest.trim()) continue
    const number = /^\d/.test(sign ?? '') ? sign : ''
    blocks.push(
      el(tag, number ? { class: 'numbered' } : {}, number, ...inline(rest.trimEnd(), open)),
    )
  }
  return el('div', { class: 'markdown' }, blocks)
}

/** Plain text in which addresses can be pressed. */
export function linked(text, open) {
  return el(
    'div',
    { class: 'plain' },
    split(
      text,
      BARE,
      ([url]) => link(url, url, open),
      rest => [rest],
    ),
  )
}

function inline(text, open) {
  return split(
    text,
    LINK,
    ([, label, url]) => link(unescaped(label), url, open),
    afterLinks =>
      split(
        afterLinks,
        FONT,
        ([, color, inner]) => el('span', { class: `font-${color}` }, unescaped(inner)),
        afterFonts =>
          split(
            afterFonts,
            BOLD,
            ([, inner]) => el('strong', {}, unescaped(inner)),
            rest => [unescaped(rest)],
          ),
      ),
  )
}

function split(text, pattern, make, other) {
  const found = pattern.exec(text)
  if (!found) return text ? other(text) : []
  const before = text.slice(0, found.index)
  const after = text.slice(found.index + found[0].length)
  return [...(before ? other(before) : []), make(found), ...split(after, pattern, make, other)]
}

const unescaped = text => text.replace(ESCAPED, '$1')

const link = (label, url, open) =>
  el(
    'a',
    {
      href: '#',
      role: 'button',
      onclick: event => {
        event.preventDefault()
        open(url)
      },
    },
    label,
  )
