// Where I stand: the places, and the shortcuts between them.

import { byId, el, refill } from './dom.js'
import { buildMap, standAt } from './map.js'
import { away, distanceBetween, seeded } from './position.js'
import { buildSignal } from './signal.js'
import { changePhone, on, store } from './store.js'
import { distance, t } from './texts.js'

const SHORTCUTS = [
  ['where.door', 0],
  ['where.near300', 300],
  ['where.far', 1500],
]
const AT_THE_DOOR_M = 30

export function buildWhere() {
  const choose = () => (store.chosenPlace = nearest())
  on('city', choose)
  choose()
  buildMap()
  buildPlaces()
  buildSignal()
  const draw = () => {
    drawNow()
    drawShortcuts()
  }
  on('phone', draw)
  on('place', draw)
  on('language', draw)
  draw()
}

const chosen = () => store.places[store.chosenPlace]

function nearest() {
  let [best, index] = [Infinity, -1]
  store.places.forEach((place, n) => {
    const metres = distanceBetween(store.phone, place)
    if (metres < best) [best, index] = [metres, n]
  })
  return index
}

function drawNow() {
  const place = chosen()
  const metres = place ? distanceBetween(store.phone, place) : 0
  const sentence = !place ? 'where.free' : metres <= AT_THE_DOOR_M ? 'where.at' : 'where.near'
  byId('where-now').textContent = t(sentence, { name: place?.name, distance: distance(metres) })
}

function drawShortcuts() {
  byId('shortcuts').replaceChildren(
    ...SHORTCUTS.map(([label, metres]) =>
      el(
        'button',
        {
          'type': 'button',
          'data-test': `stand-${metres}`,
          'disabled': !chosen(),
          'aria-pressed': String(
            chosen() ? Math.abs(distanceBetween(store.phone, chosen()) - metres) < 1 : false,
          ),
          'onclick': () =>
            changePhone(away(chosen(), metres, seeded(chosen().name)() * 2 * Math.PI)),
        },
        t(label),
      ),
    ),
  )
}

function buildPlaces() {
  const search = el('input', { 'type': 'search', 'data-test': 'place-search' })
  const list = el('ul', { class: 'places' })
  byId('places').append(search, list)
  let rows = []
  const draw = () => {
    search.placeholder = t('where.search')
    for (const { place, index, row, far } of rows) {
      far.textContent = distance(distanceBetween(store.phone, place))
      row.firstChild.setAttribute('aria-current', String(index === store.chosenPlace))
    }
  }
  const sift = () => {
    const wanted = search.value.trim().toLowerCase()
    const found = rows.filter(({ place }) =>
      `${place.name} ${place.customer_number}`.toLowerCase().includes(wanted),
    )
    refill(
      list,
      found.length ? found.map(({ row }) => row) : el('li', { class: 'none' }, t('where.none')),
    )
  }
  const survey = () => {
    rows = store.places.map(placeRow)
    search.value = ''
    draw()
    sift()
  }
  search.addEventListener('input', sift)
  for (const topic of ['phone', 'place', 'language']) on(topic, draw)
  on('place', () => rows[store.chosenPlace]?.row.scrollIntoView({ block: 'nearest' }))
  on('city', survey)
  survey()
}

function placeRow(place, index) {
  const far = el('small')
  const row = el(
    'li',
    {},
    el(
      'button',
      { 'type': 'button', 'data-test': `place-${index}`, 'onclick': () => standAt(index) },
      el('span', {}, place.name),
      far,
    ),
  )
  return { place, index, row, far }
}
