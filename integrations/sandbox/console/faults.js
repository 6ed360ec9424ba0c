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
  ['untrusted_address', {}],
  ['banned', { times: 3 }],
  ['push_late', { delay_s: 20 }],
  ['push_lost', {}],
  ['push_forged', {}],
]

const DEEDS = ['lines_cut', 'lines_half_open', 'lines_ending', 'storm']

export const isTroubled = () => {
  const { down, duplicate_events, waiting, late, schedule } = presentHost().faults
  return down || duplicate_events > 1 || waiting.length > 0 || late > 0 || schedule !== null
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
      DEEDS.map(kind =>
        chip(`faults.${kind}`, `fault-${kind}`, async () => {
          await change({ kind })
          toast(t('faults.done'), 'good')
        }),
      ),
    ),
    el('div', { class: 'chips' }, plan(faults.schedule)),
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

/** What is planned: dice of a seed, or a file; while it runs, what has happened of it. */
function plan(schedule) {
  if (schedule) {
    const happened = Object.values(schedule.happened).reduce((sum, times) => sum + times, 0)
    return [
      el('span', { 'data-test': 'plan-state' }, t('faults.planned', { count: happened })),
      chip('faults.stop', 'plan-stop', () => follow(null)),
    ]
  }
  const file = el('input', {
    'type': 'file',
    'accept': '.json',
    'data-test': 'plan-file',
    'hidden': true,
  })
  file.addEventListener('change', async () => {
    try {
      await follow(JSON.parse(await file.files[0].text()))
    } catch (failure) {
      if (failure instanceof SyntaxError) toast(t('faults.noPlan'), 'bad')
      else throw failure
    }
  })
  const seed = Math.floor(Math.random() * 1000)
  return [
    chip('faults.chaos', 'plan-chaos', () => follow({ seed, chaos: true })),
    chip('faults.file', 'plan-open', () => file.click()),
    file,
  ]
}

async function follow(plan) {
  const { host } = store.phone
  const shown = await post('schedule', plan ? { host, plan } : { host })
  hostOf(host).faults = shown[host]
  tell('hosts')
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
