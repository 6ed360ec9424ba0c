// The map to walk on. Everything is drawn in metres from the middle of the places; north is up.

import { city } from './city.js'
import { byId, el, svg } from './dom.js'
import { drawMe, drawName, drawSpot, namesWithRoom } from './marks.js'
import { distanceBetween } from './position.js'
import { changePhone, on, store, tell } from './store.js'
import { distance, t } from './texts.js'

const METRES_PER_DEGREE = 111_195
const LANE_PX = 12 // roads closer than this on the screen are not drawn
const CLICK_PX = 5 // a press that moves less is a click
const [NEAREST_M, FARTHEST_M] = [120, 400_000] // how much of the city the map may show

let origin = { lat: 0, lng: 0 }
let view = { x: 0, y: 0, width: 1, height: 1 }
let size = { width: 400, height: 240 }
const parts = {}

export function buildMap() {
  parts.ground = svg('g')
  parts.marks = svg('g')
  parts.map = svg(
    'svg',
    { 'class': 'city-map', 'role': 'application', 'data-test': 'map' },
    parts.ground,
    parts.marks,
  )
  parts.scale = el('span', { class: 'map-scale' })
  parts.hint = el('span', { class: 'map-hint' })
  const zooms = [
    ['＋', 'where.in', 0.6],
    ['－', 'where.out', 1.7],
  ].map(([sign, label, factor]) =>
    el('button', { 'type': 'button', 'aria-label': t(label), 'onclick': () => zoom(factor) }, sign),
  )
  const all = el(
    'button',
    { 'type': 'button', 'aria-label': t('where.all'), 'onclick': () => fit(store.places) },
    '⤢',
  )
  byId('map').append(
    parts.map,
    el('div', { class: 'map-zoom' }, zooms, all),
    parts.scale,
    parts.hint,
  )
  survey()
  listen()
  new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width || !contentRect.height) return
    size = { width: contentRect.width, height: contentRect.height }
    view.height = (view.width * size.height) / size.width
    draw()
  }).observe(parts.map)
  on('city', survey)
  on('phone', before => {
    if (before.lat !== store.phone.lat || before.lng !== store.phone.lng) keepInView()
    draw()
  })
  on('place', draw)
  on('language', draw)
}

/** Draw the city of the present host, and look at where the phone lies in it. */
function survey() {
  origin = middle(store.places.length ? store.places : [store.phone])
  fit(store.places)
  parts.ground.replaceChildren(city(view, store.places.map(toXY)))
  lookAround()
}

const toXY = ({ lat, lng }) => ({
  x: (lng - origin.lng) * METRES_PER_DEGREE * Math.cos((origin.lat * Math.PI) / 180),
  y: (origin.lat - lat) * METRES_PER_DEGREE,
})

const toPoint = ({ x, y }) => ({
  lat: origin.lat - y / METRES_PER_DEGREE,
  lng: origin.lng + x / (METRES_PER_DEGREE * Math.cos((origin.lat * Math.PI) / 180)),
})

function middle(points) {
  const centre = name =>
    (Math.min(...points.map(p => p[name])) + Math.max(...points.map(p => p[name]))) / 2
  return { lat: centre('lat'), lng: centre('lng') }
}

function fit(points) {
  const spots = (points.length ? points : [store.phone]).map(toXY)
  const [xs, ys] = [spots.map(p => p.x), spots.map(p => p.y)]
  const width = Math.max(Math.max(...xs) - Math.min(...xs), 600) * 1.15
  const height = Math.max(Math.max(...ys) - Math.min(...ys), 400) * 1.15
  lookAt(
    { x: (Math.min(...xs) + Math.max(...xs)) / 2, y: (Math.min(...ys) + Math.max(...ys)) / 2 },
    Math.max(width, (height * size.width) / size.height),
  )
}

/** The neighbourhood at first: near enough to read names, far enough to walk. */
function lookAround() {
  const me = toXY(store.phone)
  const near = store.places.map(place => distanceBetween(store.phone, place)).sort((a, b) => a - b)
  lookAt(me, Math.min(Math.max((near[Math.min(8, near.length - 1)] ?? 800) * 2.6, 900), view.width))
}

function lookAt(centre, width) {
  const bounded = Math.min(Math.max(width, NEAREST_M), FARTHEST_M)
  const height = (bounded * size.height) / size.width
  view = { x: centre.x - bounded / 2, y: centre.y - height / 2, width: bounded, height }
  draw()
}

function zoom(factor, at = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) {
  const width = Math.min(Math.max(view.width * factor, NEAREST_M), FARTHEST_M)
  const real = width / view.width
  view = {
    x: at.x - (at.x - view.x) * real,
    y: at.y - (at.y - view.y) * real,
    width,
    height: view.height * real,
  }
  draw()
}

function keepInView() {
  const me = toXY(store.phone)
  const margin = view.width * 0.12
  const isIn =
    me.x > view.x + margin &&
    me.x < view.x + view.width - margin &&
    me.y > view.y + margin &&
    me.y < view.y + view.height - margin
  if (!isIn) lookAt(me, view.width)
}

function draw(me = toXY(store.phone)) {
  const px = view.width / size.width // metres of one pixel
  parts.map.setAttribute('viewBox', `${view.x} ${view.y} ${view.width} ${view.height}`)
  const shown = store.places
    .map((place, index) => ({ place, index, ...toXY(place) }))
    .filter(
      p => p.x > view.x && p.x < view.x + view.width && p.y > view.y && p.y < view.y + view.height,
    )
  for (const net of parts.ground.querySelectorAll('[data-step]')) {
    net.classList.toggle('too-fine', net.dataset.step / px < LANE_PX)
  }
  parts.marks.replaceChildren(
    svg('circle', { cx: me.x, cy: me.y, r: store.phone.accuracy_m, class: 'my-accuracy' }),
    ...shown.map(spot => drawSpot(spot, px)),
    drawMe(me, px),
    ...namesWithRoom(shown, me, px).map(spot => drawName(spot, px)),
  )
  parts.scale.textContent = distance(nice(view.width / 5))
  parts.scale.style.width = `${nice(view.width / 5) / px}px`
  parts.hint.textContent = t('where.hint')
}

function nice(metres) {
  const power = 10 ** Math.floor(Math.log10(metres))
  return [5, 2, 1].map(n => n * power).find(n => n <= metres) ?? power
}

function listen() {
  let press = null // where a press began, and what it drags
  const at = event => {
    const box = parts.map.getBoundingClientRect()
    return {
      x: view.x + ((event.clientX - box.left) / box.width) * view.width,
      y: view.y + ((event.clientY - box.top) / box.height) * view.height,
    }
  }
  parts.map.addEventListener('pointerdown', event => {
    parts.map.setPointerCapture(event.pointerId)
    press = {
      at: at(event),
      x: event.clientX,
      y: event.clientY,
      moved: false,
      dragsMe: Boolean(event.target.closest('[data-me]')),
      place: event.target.dataset.place,
    }
  })
  parts.map.addEventListener('pointermove', event => {
    if (!press) return
    press.moved ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > CLICK_PX
    if (!press.moved) return
    const now = at(event)
    if (press.dragsMe) return draw(now)
    view.x += press.at.x - now.x
    view.y += press.at.y - now.y
    draw()
  })
  parts.map.addEventListener('pointerup', event => {
    const { moved, dragsMe, place } = press ?? {}
    press = null
    if (moved && !dragsMe) return
    if (!moved && place !== undefined) standAt(Number(place))
    else changePhone(toPoint(at(event)))
  })
  parts.map.addEventListener('pointercancel', () => {
    press = null
    draw()
  })
  parts.map.addEventListener(
    'wheel',
    event => {
      event.preventDefault()
      zoom(event.deltaY > 0 ? 1.25 : 0.8, at(event))
    },
    { passive: false },
  )
}

/** Walk to the door of a place and speak of it from now on. */
export async function standAt(index) {
  store.chosenPlace = index
  const { lat, lng } = store.places[index]
  await changePhone({ lat, lng })
  tell('place')
}
