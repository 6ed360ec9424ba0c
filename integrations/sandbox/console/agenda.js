// What the app has put into the holder's calendar and to-dos, as his host shows them.

import { get } from './api.js'
import { el, refill } from './dom.js'
import { linked } from './markdown.js'
import { follow } from './phone.js'
import { on, sameHolder, store } from './store.js'
import { clock, dayOf, t } from './texts.js'

const LOOKS_AGAIN_MS = 3000

let noted = []
let list

export function buildAgenda() {
  list = el('div', { 'class': 'screen agenda-screen', 'data-test': 'agenda' })
  on('screen', read)
  on('phone', read)
  on('language', draw)
  setInterval(read, LOOKS_AGAIN_MS)
  queueMicrotask(draw)
  return list
}

async function read() {
  if (store.screen !== 'agenda') return
  const asked = store.phone
  const found = await get('noted').catch(() => noted)
  if (!sameHolder(asked)) return
  if (JSON.stringify(found) === JSON.stringify(noted) && list.firstChild) return
  noted = found
  draw()
}

function draw() {
  const days = Map.groupBy(noted, one => dayOf(new Date(one.begins * 1000)))
  const shown = [...days].flatMap(([day, found]) => [el('h3', {}, day), ...found.map(entry)])
  const nothing = el('p', { class: 'agenda-nothing' }, t('agenda.nothing'))
  refill(list, shown.length ? shown : nothing)
}

const entry = one =>
  el(
    'article',
    { 'class': `noted noted-${one.kind}`, 'data-test': `noted-${one.kind}`, 'data-done': one.done },
    el('strong', {}, one.title),
    el('span', { class: 'noted-when' }, `${t(`agenda.${one.kind}`)} · ${when(one)}`),
    one.place && el('span', { class: 'noted-place' }, one.place),
    one.text && linked(one.text, follow),
    one.url && el('button', { type: 'button', onclick: () => follow(one.url) }, t('agenda.open')),
  )

function when({ kind, begins, ends, all_day, done }) {
  const [from, to] = [begins, ends].map(seconds => clock(new Date(seconds * 1000)))
  if (done) return t('agenda.done')
  if (kind === 'todo') return t('agenda.due', { when: from })
  return all_day ? t('agenda.wholeDay') : `${from} – ${to}`
}
