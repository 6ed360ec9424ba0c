// Who holds the phone: the companies and their people.

import { avatar, byId, el, refill } from './dom.js'
import { buildOffice } from './office.js'
import { changePhone, holder, isHolder, on, personOf, presentHost, store } from './store.js'
import { t } from './texts.js'
import { unread } from './unread.js'

export function buildPeople() {
  const office = buildOffice()
  const draw = () => {
    drawHosts()
    drawPeople()
    office.draw()
  }
  for (const topic of ['phone', 'hosts', 'lines', 'screen', 'language']) on(topic, draw)
  draw()
}

function drawHosts() {
  byId('hosts').replaceChildren(
    ...store.hosts.map(host => {
      const waiting = host.people.reduce(
        (sum, person) => sum + unread(host.host, person.user_id),
        0,
      )
      return el(
        'button',
        {
          'type': 'button',
          'role': 'tab',
          'class': `tab tab-${host.host}`,
          'data-test': `host-${host.host}`,
          'aria-selected': String(host.host === store.phone.host),
          'onclick': () => host.host !== store.phone.host && changePhone({ host: host.host }),
        },
        t(`host.${host.host}`),
        host.host !== store.phone.host && waiting > 0 && el('i', { class: 'dot' }),
      )
    }),
  )
}

function drawPeople() {
  const host = presentHost()
  if (!host) return
  byId('company').textContent = host.company
  byId('lead-shortcut').replaceChildren(...shortcut(host))
  refill(
    byId('people'),
    host.people.map(person => drawPerson(host, person)),
  )
}

/** The lead of whoever holds the phone, or for a lead the first of his people: one press away. */
function shortcut(host) {
  const me = holder()
  const lead = me && personOf(host.host, me.lead_user_id)
  const mate = host.people.find(person => person.active && person.lead_user_id === me?.user_id)
  const [other, label] = me?.role === 'lead' && mate ? [mate, 'who.toTeam'] : [lead, 'who.toLead']
  if (!other) return []
  const waiting = unread(host.host, other.user_id)
  return [
    el(
      'button',
      {
        'type': 'button',
        'class': 'to-lead',
        'data-test': 'to-lead',
        'onclick': () => changePhone({ user_id: other.user_id }),
      },
      avatar(other, 26),
      el('span', {}, t(label, { name: other.name })),
      waiting > 0 ? badge(waiting) : el('i', { class: 'arrow' }, '→'),
    ),
  ]
}

function drawPerson(host, person) {
  const isMe = isHolder(host.host, person.user_id)
  const waiting = unread(host.host, person.user_id)
  return el(
    'li',
    {},
    el(
      'button',
      {
        'type': 'button',
        'class': 'person',
        'data-test': `person-${person.user_id}`,
        'aria-current': isMe ? 'true' : null,
        'disabled': !person.active,
        'onclick': () => !isMe && changePhone({ user_id: person.user_id }),
      },
      avatar(person),
      el(
        'span',
        { class: 'person-words' },
        el(
          'span',
          { class: 'person-name' },
          person.name,
          person.role === 'lead' && el('em', {}, t('who.lead')),
        ),
        el(
          'small',
          {},
          person.active
            ? [person.department, person.title].filter(Boolean).join(' · ')
            : t('who.left'),
        ),
      ),
      waiting > 0 ? badge(waiting) : isMe && el('i', { class: 'in-hand', title: t('who.holding') }),
    ),
  )
}

const badge = count =>
  el('b', { class: 'badge', title: t('who.unread', { count }) }, count > 99 ? '99+' : count)
