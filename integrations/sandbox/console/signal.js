// The phone's senses: its network, and what it reports when an app asks for the position.

import { byId, el } from './dom.js'
import { changePhone, on, store } from './store.js'
import { distance, t } from './texts.js'

export function buildSignal() {
  const accuracy = el('input', {
    'type': 'range',
    'min': '10',
    'max': '800',
    'step': '10',
    'data-test': 'accuracy',
  })
  const metres = el('output')
  const provider = el('select', {
    'data-test': 'provider',
    'onchange': () => changePhone({ provider: provider.value }),
  })
  const position = el('select', {
    'data-test': 'position',
    'onchange': () => changePhone({ position: position.value }),
  })
  const mock = toggle('mock-switch', () => changePhone({ is_mock: mock.checked }))
  const network = toggle('network-switch', () => changePhone({ online: network.checked }))
  accuracy.addEventListener('input', () => (metres.textContent = distance(accuracy.value)))
  accuracy.addEventListener('change', () => changePhone({ accuracy_m: Number(accuracy.value) }))
  const labels = {}
  const row = (name, ...inputs) => {
    labels[name] = el('span', {})
    return el('label', { class: `signal signal-${name}` }, labels[name], ...inputs)
  }
  const hint = el('p', { class: 'hint' })
  byId('signal').append(
    row('network', network),
    row('accuracy', metres, accuracy),
    row('position', position),
    row('provider', provider),
    row('mock', mock),
    hint,
  )
  const draw = () => {
    const { phone } = store
    for (const [name, label] of Object.entries(labels)) label.textContent = t(`signal.${name}`)
    choices(provider, ['gps', 'wifi', 'cell'], phone.provider)
    choices(position, ['ok', 'denied', 'timeout'], phone.position)
    accuracy.value = phone.accuracy_m
    metres.textContent = distance(phone.accuracy_m)
    mock.checked = phone.is_mock
    network.checked = phone.online
    hint.textContent = phone.host === 'wecom' && phone.is_mock ? t('signal.mockWecom') : ''
  }
  on('phone', draw)
  on('language', draw)
  draw()
}

const toggle = (test, onchange) =>
  el('input', { 'type': 'checkbox', 'role': 'switch', 'data-test': test, onchange })

function choices(select, names, value) {
  select.replaceChildren(...names.map(name => el('option', { value: name }, t(`signal.${name}`))))
  select.value = value
}
