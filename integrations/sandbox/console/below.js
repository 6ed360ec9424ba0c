// Under the map: what everybody else received, the faults of the host, or what it was asked.

import { byId, el } from './dom.js'
import { drawFaults, isTroubled } from './faults.js'
import { drawFeed } from './feed.js'
import { drawRequests, readRequests } from './requests.js'
import { on } from './store.js'
import { t } from './texts.js'

let tab = 'feed'

export function buildBelow() {
  const tabs = el('div', { class: 'tabs', role: 'tablist' })
  const feed = el('ul', { 'class': 'feed', 'data-test': 'feed' })
  const faults = el('div', { 'class': 'faults', 'data-test': 'faults' })
  const requests = el('div', { 'class': 'faults requests', 'data-test': 'requests' })
  byId('below').append(tabs, feed, faults, requests)
  const draw = () => {
    tabs.replaceChildren(
      ...['feed', 'faults', 'requests'].map(name =>
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
              if (name === 'requests') readRequests(requests)
            },
          },
          t(`${name}.title`),
          name === 'faults' && isTroubled() && el('i', { class: 'dot' }),
        ),
      ),
    )
    feed.hidden = tab !== 'feed'
    faults.hidden = tab !== 'faults'
    requests.hidden = tab !== 'requests'
    drawFeed(feed)
    drawFaults(faults)
  }
  on('language', () => drawRequests(requests))
  on('phone', () => tab === 'requests' && readRequests(requests))
  for (const topic of ['lines', 'phone', 'hosts', 'language']) on(topic, draw)
  draw()
}
