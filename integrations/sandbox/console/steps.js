// A day in five steps, each ticked off by what really happened.

import { byId, el } from './dom.js'
import { holder, on, store } from './store.js'
import { t } from './texts.js'

const KEY = 'waiqin-sandbox-day'
const STEPS = ['signIn', 'lookUp', 'checkIn', 'log', 'lead']

/** Which request of the H5 means which step. The first that fits counts. */
const MEANS = [
  [
    'lookUp',
    ({ method, path, query }) =>
      method === 'GET' && path.endsWith('/customers') && Boolean(query.get('q')),
  ],
  ['checkIn', ({ method, path }) => method === 'POST' && /\/(visits|check-?in)$/.test(path)],
  ['log', ({ method, path }) => method !== 'GET' && /\/visits\/[^/]+\/log$/.test(path)],
  [
    'signIn',
    ({ method, path }) =>
      method === 'GET' && /\/api\/v1\/(me|customers|visits|today|plans)\b/.test(path),
  ],
]

let day = { done: [], hidden: false, lead: '' }

export function buildSteps() {
  day = { ...day, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') }
  on('asked', request => {
    if (request.status < 200 || request.status > 299) return
    const step = MEANS.find(([, fits]) => fits(request))?.[0]
    if (step === 'checkIn' || step === 'log') day.lead = leadsKey()
    if (step) tick(step)
  })
  on('said', text => /^\s*查\s*\S/.test(text) && tick('lookUp'))
  on('lines', ({ line, isNew }) => {
    const isForLead = `${line.host} ${line.user_id}` === (day.lead || leadsKey())
    if (isNew && isForLead && !line.mine && day.done.includes('checkIn')) tick('lead')
  })
  on('language', draw)
  draw()
}

const leadsKey = () => `${store.phone.host} ${holder()?.lead_user_id ?? ''}`

function tick(step) {
  if (day.done.includes(step)) return
  day.done.push(step)
  keep()
}

function keep() {
  localStorage.setItem(KEY, JSON.stringify(day))
  draw()
}

function draw() {
  const count = day.done.length
  const next = STEPS.find(step => !day.done.includes(step))
  byId('next-step').textContent = next
    ? `${count + 1} / ${STEPS.length}　${t(`steps.${next}`)}`
    : ''
  const toggle = el(
    'button',
    {
      'type': 'button',
      'class': 'text-button',
      'aria-expanded': String(!day.hidden),
      'onclick': () => {
        day.hidden = !day.hidden
        keep()
      },
    },
    t(day.hidden ? 'steps.show' : 'steps.hide'),
  )
  byId('steps').replaceChildren(
    el('h2', {}, t('steps.title'), el('small', {}, `${count} / ${STEPS.length}`), toggle),
    ...(day.hidden ? [] : body(count, next)),
  )
}

function body(count, next) {
  const rows = STEPS.map((step, n) => {
    const state = day.done.includes(step) ? 'done' : step === next ? 'next' : ''
    return el(
      'li',
      { 'class': state, 'data-test': `step-${step}` },
      el('i', {}, day.done.includes(step) ? '✓' : n + 1),
      t(`steps.${step}`),
    )
  })
  const again = el(
    'button',
    {
      type: 'button',
      class: 'text-button',
      onclick: () => {
        day = { done: [], hidden: false, lead: '' }
        keep()
      },
    },
    t('steps.again'),
  )
  const words = !next ? [t('steps.done'), ' ', again] : count === 0 ? [t('steps.intro')] : null
  return [words && el('p', { class: 'hint' }, words), el('ol', { class: 'steps' }, rows)].filter(
    Boolean,
  )
}
