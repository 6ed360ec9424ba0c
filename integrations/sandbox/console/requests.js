// What the present host was asked, and what it answered.

import { get } from './api.js'
import { el, refill } from './dom.js'
import { store } from './store.js'
import { clock, t } from './texts.js'

let part = ''
let shown = []

export async function readRequests(box) {
  const query = new URLSearchParams({ host: store.phone.host, path: part })
  shown = await get(`requests?${query}`)
  drawRequests(box)
}

export function drawRequests(box) {
  const filter = el('input', {
    'type': 'search',
    'class': 'requests-filter',
    'data-test': 'requests-filter',
    'placeholder': t('requests.filter'),
    'aria-label': t('requests.filter'),
    'value': part,
    'onchange': event => {
      part = event.target.value.trim()
      readRequests(box)
    },
  })
  const refresh = el(
    'button',
    {
      'type': 'button',
      'class': 'chip',
      'data-test': 'requests-refresh',
      'onclick': () => readRequests(box),
    },
    t('requests.refresh'),
  )
  refill(
    box,
    el('div', { class: 'chips' }, filter, refresh),
    shown.length
      ? el('table', { 'class': 'requests-table', 'data-test': 'requests-table' }, shown.map(row))
      : el('p', { class: 'hint' }, t('requests.empty')),
  )
}

const row = asked =>
  el(
    'tr',
    { 'data-test': 'request', 'data-status': String(asked.status) },
    el('td', {}, clock(new Date(asked.at * 1000))),
    el('td', {}, String(asked.status || '—')),
    el(
      'td',
      {},
      el(
        'details',
        {},
        el('summary', {}, `${asked.method} ${asked.path}`),
        el('p', {}, t('requests.asked')),
        el('pre', {}, [asked.query, asked.body].filter(Boolean).join('\n')),
        el('p', {}, t('requests.answered')),
        el('pre', {}, asked.answer),
      ),
    ),
  )
