// The host's bad days, switched on by hand.

import { post } from './api.js'
import { el, refill, toast } from './dom.js'
import { hostOf, presentHost, store, tell } from './store.js'
import { t } from './texts.js'

const FAULTS = [
  ['busy', { times: 3 }],
  ['token_expired', {}],
  ['slow', { delay_s: 5, times: 3 }],
  ['lost_answer', { path: 'send' }],
  ['dropped', { path: 'send' }],
]

export const isTroubled = () => {
  const { down, duplicate_events, waiting } = presentHost().faults
  return down || duplicate_events > 1 || waiting.length > 0
}

export function drawFaults(box) {
  const host = presentHost()
  const { faults } = host
  const waiting = faults.waiting.reduce((sum, fault) => sum + fault.times, 0)
  refill(
    box,
    el('p', { class: 'hint' }, t('faults.hint', { host: t(`host.${host.host}`) })),
    el(
      'div',
      { class: 'fault-switches' },
      flag('faults.down', 'fault-down', faults.down, checked => change({ down: checked })),
      flag('faults.duplicate', 'fault-duplicate', faults.duplicate_events > 1, checked =>
        change({ duplicate_events: checked ? 3 : 1 }),
      ),
    ),
    el(
      'div',
      { class: 'chips' },
      FAULTS.map(([kind, more]) =>
        chip(`faults.${kind}`, `fault-${kind}`, () => change({ kind, ...more })),
      ),
      chip('faults.revoke', 'fault-revoke', async () => {
        await change({ revoke_tokens: true })
        toast(t('faults.revoked'), 'good')
      }),
    ),
    el(
      'p',
      { class: 'fault-state' },
      el(
        'span',
        {},
        waiting ? t('faults.waiting', { count: waiting }) : isTroubled() ? '' : t('faults.fine'),
      ),
      isTroubled() && chip('faults.clear', 'fault-clear', () => change({ clear: true })),
    ),
  )
}

async function change(what) {
  const { host } = store.phone
  hostOf(host).faults = await post('faults', { host, ...what })
  tell('hosts')
}

const flag = (label, test, checked, act) =>
  el(
    'label',
    { class: 'signal' },
    el('span', {}, t(label)),
    el('input', {
      'type': 'checkbox',
      'role': 'switch',
      'data-test': test,
      checked,
      'onchange': event => act(event.target.checked),
    }),
  )

const chip = (label, test, onclick) =>
  el('button', { 'type': 'button', 'class': 'chip', 'data-test': test, onclick }, t(label))
