// What an administrator can do with the members: move them, or let them go.

import { post } from './api.js'
import { byId, el, toast } from './dom.js'
import { presentHost, refreshHosts, store } from './store.js'
import { t } from './texts.js'

export function buildOffice() {
  const summary = el('summary')
  const hint = el('p', { class: 'hint' })
  const person = el('select', { 'data-test': 'office-person' })
  const department = el('select', { 'data-test': 'office-department' })
  const move = el('button', { 'type': 'button', 'data-test': 'office-move', 'onclick': moveMember })
  const leave = el('button', {
    'type': 'button',
    'class': 'danger',
    'data-test': 'office-leave',
    'onclick': letGo,
  })
  const box = el(
    'details',
    { class: 'office' },
    summary,
    hint,
    el('div', { class: 'office-row' }, person, department),
    el('div', { class: 'office-row' }, move, leave),
  )
  byId('office').append(box)

  async function moveMember() {
    const { status } = await post('people/move', {
      ...chosen(),
      department_id: Number(department.value),
    })
    await told(status, 'office.moved')
  }

  async function letGo() {
    if (leave.dataset.sure !== person.value) {
      leave.dataset.sure = person.value
      leave.textContent = t('office.leaveSure')
      return
    }
    const { status } = await post('people/leave', chosen())
    await told(status, 'office.gone')
  }

  async function told(status, sentence) {
    toast(
      status === 200 ? t(sentence) : t('office.notTaken', { status }),
      status === 200 ? 'good' : 'bad',
    )
    await refreshHosts()
  }

  const chosen = () => ({ host: store.phone.host, user_id: person.value })
  person.addEventListener('change', draw)

  function draw() {
    const host = presentHost()
    if (!host) return
    summary.textContent = t('office.title')
    hint.textContent = t('office.hint')
    move.textContent = t('office.move')
    leave.textContent = t('office.leave')
    delete leave.dataset.sure
    choices(
      person,
      host.people.filter(each => each.active).map(each => [each.user_id, each.name]),
      t('office.person'),
    )
    choices(
      department,
      host.departments.map(each => [String(each.id), each.name]),
      t('office.department'),
    )
  }
  return { draw }
}

function choices(select, pairs, label) {
  const { value } = select
  select.setAttribute('aria-label', label)
  select.replaceChildren(...pairs.map(([key, name]) => el('option', { value: key }, name)))
  if (pairs.some(([key]) => key === value)) select.value = value
}
