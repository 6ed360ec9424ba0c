// The phone itself: its frame, its bars, its screens, and what lies over them for a moment.

import { byId, el } from './dom.js'
import { back, openAfresh, openInFrame, placeFrame } from './h5.js'
import { on, presentHost, sameHolder, show, store } from './store.js'
import { clock, t } from './texts.js'
import { unread } from './unread.js'

const FRAME = { width: 414, height: 804 } // 390 × 780 and the rim; console.css draws it so
const NOTE_LASTS_MS = 3500

const parts = {}
const onUncover = new Map()

export function buildPhone(chatScreen, agendaScreen) {
  parts.title = el('strong', { class: 'bar-title' })
  parts.time = el('span', { class: 'status-time' })
  parts.signal = el('span', { class: 'status-signal' })
  parts.app = el('div', { class: 'screen app-screen' })
  parts.chat = chatScreen
  parts.agenda = agendaScreen
  parts.over = el('div', { class: 'over' })
  parts.bar = el(
    'div',
    { class: 'bar' },
    button('‹', 'phone.back', () => back() || show('chat')),
    button('✕', 'phone.close', () => show('chat')),
    parts.title,
    button('⟳', 'phone.reload', () => openAfresh()),
  )
  byId('phone').append(
    el('div', { class: 'status' }, parts.time, el('i', { class: 'island' }), parts.signal),
    parts.bar,
    el('div', { class: 'screens-space' }, parts.app, parts.chat, parts.agenda),
    parts.over,
    el('i', { class: 'home' }),
  )
  placeFrame(parts.app)
  on('screen', draw)
  on('language', draw)
  on('lines', draw)
  on('hosts', draw)
  on('phone', before => {
    if (!sameHolder(before)) {
      uncoverAll()
      setTitle('')
      openAfresh()
    }
    draw()
  })
  setInterval(drawTime, 10_000)
  new ResizeObserver(fit).observe(byId('phone-space'))
  draw()
}

/** What the H5 wants its title bar to say; "" for the app's own name. */
export function setTitle(title) {
  parts.ownTitle = title
  draw()
}

/** Follow a link of a message: in the H5 if it is one of its pages. */
export function follow(url) {
  if (openInFrame(url)) show('app')
  else note(t('phone.elsewhere', { url }))
}

/** Lay `node` over the phone. `whenTaken` runs when something else takes it away. */
export function cover(node, whenTaken = () => {}) {
  uncoverAll()
  onUncover.set(node, whenTaken)
  parts.over.append(node)
}

export function uncover(node) {
  onUncover.delete(node)
  node.remove()
}

export function note(text) {
  const message = el('p', { 'class': 'phone-note', 'data-test': 'phone-note' }, text)
  parts.over.append(message)
  setTimeout(() => message.remove(), NOTE_LASTS_MS)
}

function uncoverAll() {
  for (const [node, whenTaken] of onUncover) {
    uncover(node)
    whenTaken()
  }
}

function draw() {
  const { phone, screen } = store
  const isApp = screen === 'app'
  byId('phone').dataset.host = phone.host
  byId('phone').dataset.screen = screen
  parts.app.hidden = !isApp
  parts.chat.hidden = screen !== 'chat'
  parts.agenda.hidden = screen !== 'agenda'
  parts.title.textContent = titleOf(screen)
  parts.signal.replaceChildren(...signal(phone.online))
  drawTime()
  drawSwitch()
}

function titleOf(screen) {
  if (screen === 'agenda') return t('screen.agenda')
  return (screen === 'app' && parts.ownTitle) || t('app.name')
}

function drawSwitch() {
  const waiting = unread(store.phone.host, store.phone.user_id)
  byId('screens').replaceChildren(
    ...['app', 'chat', 'agenda'].map(screen =>
      el(
        'button',
        {
          'type': 'button',
          'class': 'screen-switch',
          'data-test': `screen-${screen}`,
          'aria-pressed': String(store.screen === screen),
          'onclick': () => show(screen),
        },
        el('i', { class: `glyph glyph-${screen}` }),
        t(`screen.${screen}`),
        screen === 'chat' &&
          waiting > 0 &&
          el('b', { class: 'badge' }, waiting > 99 ? '99+' : waiting),
      ),
    ),
  )
  byId('screens').dataset.host = presentHost()?.host ?? ''
}

function drawTime() {
  parts.time.textContent = clock(new Date())
}

const signal = online =>
  online
    ? [
        el('i', { class: 'bars' }, el('i'), el('i'), el('i'), el('i')),
        '5G',
        el('i', { class: 'battery' }),
      ]
    : [el('span', { class: 'no-signal' }, t('phone.offline')), el('i', { class: 'battery' })]

/** As large as the window allows, never larger than life. The narrow page has no frame to scale. */
function fit([{ contentRect }]) {
  const scale = Math.min(1, contentRect.height / FRAME.height, contentRect.width / FRAME.width)
  byId('phone').style.setProperty('--scale', scale.toFixed(4))
}

const button = (sign, label, onclick) =>
  el(
    'button',
    { 'type': 'button', 'class': 'bar-button', 'aria-label': t(label), 'title': t(label), onclick },
    sign,
  )
