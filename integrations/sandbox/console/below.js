// Under the map: what everybody else received, or the faults of the host.

import { byId, el } from './dom.js'
import { drawFaults, isTroubled } from './faults.js'
import { drawFeed } from './feed.js'
import { on } from './store.js'
import { t } from './texts.js'

let tab = 'feed'

export function buildBelow() {
  const tabs = el('div', { class: 'tabs', role: 'tablist' })
  const feed = el('ul', { 'class': 'feed', 'data-test': 'feed' })
  const faults = el('div', { 'class': 'faults', 'data-test': 'faults' })
  byId('below').append(tabs, feed, faults)
  const draw = () => {
    tabs.replaceChildren(
      ...['feed', 'faults'].map(name =>
        el(
          'button',
          {
            'type': 'button',
            'role': 'tab',
            'class': 'tab',
            'data-test': `tab-${name}`,
            'aria-selected': String(tab === name),
            'onclick': () => {
              tab = name
              draw()
            },
          },
          t(`${name}.title`),
          name === 'faults' && isTroubled() && el('i', { class: 'dot' }),
        ),
      ),
    )
    feed.hidden = tab !== 'feed'
    faults.hidden = tab !== 'faults'
    drawFeed(feed)
    drawFaults(faults)
  }
  for (const topic of ['lines', 'phone', 'hosts', 'language']) on(topic, draw)
  draw()
}
