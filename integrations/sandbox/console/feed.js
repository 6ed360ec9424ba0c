// What everybody but the holder of the phone received, newest first.

import { avatar, el, refill } from './dom.js'
import { changePhone, isHolder, personOf, show, store } from './store.js'
import { clock, t } from './texts.js'

const MOST_SHOWN = 30

export function drawFeed(feed) {
  const rows = []
  const told = new Set() // a message in a group is on every phone, and told once
  for (const line of [...store.lines.values()].sort((a, b) => b.id - a.id)) {
    if (rows.length >= MOST_SHOWN) break
    if (line.mine || isHolder(line.host, line.user_id)) continue
    const once =
      line.conversation_id &&
      `${line.conversation_id} ${line.title} ${line.text} ${Math.round(line.at)}`
    const person = personOf(line.host, line.user_id)
    if (!person || (once && told.has(once))) continue
    told.add(once)
    rows.push(drawNews(line, person))
  }
  refill(feed, rows.length ? rows : el('li', { class: 'none' }, t('feed.empty')))
}

function drawNews(line, person) {
  const words = [line.title, unmarked(line.text), ...line.fields.map(pair => pair.join('：'))]
    .filter(Boolean)
    .join(' ')
  const time = clock(new Date(line.at * 1000))
  return el(
    'li',
    {},
    el(
      'button',
      {
        'type': 'button',
        'data-test': 'feed-line',
        'title': t('feed.look'),
        'onclick': async () => {
          await changePhone({ host: line.host, user_id: line.user_id })
          show('chat')
        },
      },
      avatar(person, 30),
      el(
        'span',
        { class: 'news' },
        el(
          'span',
          { class: 'news-who' },
          line.conversation_id ? t('feed.group') : person.name,
          person.role === 'lead' && !line.conversation_id && el('em', {}, t('who.lead')),
          el('small', {}, `${t(`host.${line.host}`)} · ${time}`),
        ),
        el('span', { class: 'news-words' }, words),
      ),
    ),
  )
}

/** Markdown without its marks, for one line of a list. */
const unmarked = text =>
  text
    .replace(/^\s*(#+\s|>\s?|[-*]\s)|(?<!\\)\*\*/gm, '')
    .replace(/\[((?:\\.|[^\]\\])*)\]\([^)\s]*\)/g, '$1')
    .replace(/\\([^\p{L}\p{N}])/gu, '$1')
