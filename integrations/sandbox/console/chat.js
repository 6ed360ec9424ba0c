// The chat with the bot, in the look of its host.

import { post } from './api.js'
import { avatar, el, toast } from './dom.js'
import { linked, markdown } from './markdown.js'
import { follow } from './phone.js'
import { holder, isHolder, on, presentHost, sameHolder, store, tell } from './store.js'
import { moment, t } from './texts.js'

const PHRASES = ['帮助', '今天', '查 华联', '签到']
const SAYS = 'dtmd://dingtalkclient/sendMessage?content=' // DingTalk's link that says a sentence
const PAUSE_S = 300 // a silence after which the time is shown again

const parts = {}

export function buildChat() {
  parts.tabs = el('div', { class: 'talks' })
  parts.lines = el('div', { class: 'lines', role: 'log' })
  parts.input = el('input', {
    'type': 'text',
    'data-test': 'chat-input',
    'autocomplete': 'off',
    'maxlength': '2000',
  })
  parts.send = el('button', { 'type': 'submit', 'class': 'send', 'data-test': 'chat-send' })
  parts.phrases = el('div', { class: 'phrases' })
  const form = el('form', { class: 'typing', onsubmit: submit }, parts.input, parts.send)
  const screen = el(
    'div',
    { class: 'screen chat-screen' },
    parts.tabs,
    parts.lines,
    parts.phrases,
    form,
  )
  on('lines', ({ line }) => isHolder(line.host, line.user_id) && draw())
  on('language', draw)
  on('hosts', draw)
  on('screen', () => {
    if (store.screen === 'chat') post('open-app').catch(() => {})
    draw()
  })
  on('phone', before => {
    if (!sameHolder(before)) store.group = ''
    draw()
  })
  queueMicrotask(draw)
  return screen
}

function submit(event) {
  event.preventDefault()
  const text = parts.input.value.trim()
  if (!text) return
  parts.input.value = ''
  say(text)
}

async function say(text) {
  tell('said', text)
  reportStatus(await post('say', { text, group: store.group }))
}

function reportStatus({ status }) {
  if (status !== 200) toast(t('chat.notTaken', { status }), 'bad')
}

function draw() {
  const person = holder()
  if (!person) return
  drawTalks()
  parts.input.placeholder = t(store.group ? 'chat.sayGroup' : 'chat.say')
  parts.send.textContent = t('chat.send')
  parts.phrases.replaceChildren(
    ...PHRASES.map(phrase =>
      el('button', { type: 'button', class: 'phrase', onclick: () => say(phrase) }, phrase),
    ),
  )
  const lines = [...store.lines.values()]
    .filter(line => isHolder(line.host, line.user_id) && line.conversation_id === store.group)
    .sort((a, b) => a.id - b.id)
  parts.lines.replaceChildren(...lines.flatMap((line, n) => drawLine(line, lines[n - 1], person)))
  if (!lines.length) parts.lines.append(el('p', { class: 'blank' }, t('chat.empty')))
  parts.lines.scrollTop = parts.lines.scrollHeight
}

function drawTalks() {
  const { groups } = presentHost()
  parts.tabs.hidden = !groups.length
  const talks = [{ id: '', title: t('app.name') }, ...groups]
  parts.tabs.replaceChildren(
    ...talks.map(talk =>
      el(
        'button',
        {
          'type': 'button',
          'data-test': talk.id ? `group-${talk.id}` : 'talk-bot',
          'aria-pressed': String(store.group === talk.id),
          'onclick': () => {
            store.group = talk.id
            draw()
          },
        },
        talk.title,
      ),
    ),
  )
}

function drawLine(line, before, person) {
  const silent = !before || line.at - before.at > PAUSE_S
  const face = line.mine ? avatar(person, 36) : el('span', { class: 'avatar bot-face' })
  const mention =
    line.mine && store.group ? el('span', { class: 'mention' }, `@${t('app.name')} `) : null
  return [
    silent && el('p', { class: 'when' }, moment(new Date(line.at * 1000))),
    el(
      'div',
      { 'class': `line ${line.mine ? 'mine' : 'theirs'}`, 'data-line': line.id },
      face,
      line.kind === 'card'
        ? drawCard(line)
        : el('div', { class: 'bubble' }, mention, drawWords(line)),
    ),
  ].filter(Boolean)
}

function drawWords(line) {
  return line.kind === 'markdown'
    ? markdown(line.text || line.title, open)
    : linked(line.text, open)
}

function drawCard(line) {
  const isMarkdown = line.host === 'dingtalk'
  const card = el(
    'div',
    { 'class': 'message-card', 'data-test': 'card' },
    el('p', { class: 'card-source' }, el('i', { class: 'bot-face' }), t('app.name')),
    line.title && el('h3', {}, line.title),
    line.text &&
      (isMarkdown ? markdown(line.text, open) : el('p', { class: 'card-text' }, line.text)),
    line.fields.length > 0 &&
      el(
        'dl',
        {},
        line.fields.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
      ),
    line.done && el('p', { class: 'card-done' }, '✓ ', line.done),
  )
  if (line.buttons.length) {
    card.append(
      el(
        'div',
        { class: 'card-buttons' },
        line.buttons.map((button, n) => drawButton(line, button, n)),
      ),
    )
  } else if (line.url) {
    card.append(
      el(
        'button',
        {
          'type': 'button',
          'class': 'card-open',
          'data-test': 'card-button',
          'onclick': () => open(line.url),
        },
        t('chat.details'),
      ),
    )
  }
  return card
}

function drawButton(line, button, n) {
  return el(
    'button',
    {
      'type': 'button',
      'class': n === 0 ? 'first' : '',
      'data-test': 'card-button',
      'onclick': async event => {
        const { currentTarget } = event
        if (!button.key) return open(button.url)
        currentTarget.disabled = true
        try {
          reportStatus(await post('press', { line_id: line.id, key: button.key }))
        } finally {
          currentTarget.disabled = false
        }
      },
    },
    button.text,
  )
}

function open(url) {
  if (url.startsWith(SAYS)) say(decodeURIComponent(url.slice(SAYS.length)))
  else follow(url)
}
