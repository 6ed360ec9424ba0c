// The marks on the map: places, their names where there is room, and me. `px` is metres of one pixel.

import { svg } from './dom.js'
import { store } from './store.js'

const NAME_PX = 11

const isChosen = ({ index }) => index === store.chosenPlace

export const drawSpot = (spot, px) =>
  svg(
    'circle',
    {
      'cx': spot.x,
      'cy': spot.y,
      'r': (isChosen(spot) ? 7 : 4.5) * px,
      'stroke-width': 1.6 * px,
      'class': `spot ${isChosen(spot) ? 'chosen' : ''}`,
      'data-place': spot.index,
    },
    svg('title', {}, spot.place.name),
  )

/** The chosen place is named first, then the nearer ones, each only where nothing is written yet. */
export function namesWithRoom(spots, me, px) {
  const rank = spot => (isChosen(spot) ? -1 : Math.hypot(spot.x - me.x, spot.y - me.y))
  const taken = []
  return [...spots]
    .sort((a, b) => rank(a) - rank(b))
    .filter(spot => {
      const [half, y] = [
        ([...short(spot.place.name)].length * NAME_PX * px) / 2 + 4 * px,
        spot.y - 10 * px,
      ]
      const isFree = taken.every(
        other =>
          Math.abs(other.x - spot.x) > other.half + half ||
          Math.abs(other.y - y) > NAME_PX * 1.5 * px,
      )
      if (isFree) taken.push({ x: spot.x, y, half })
      return isFree
    })
}

export const drawName = (spot, px) =>
  svg(
    'text',
    {
      'x': spot.x,
      'y': spot.y - 10 * px,
      'font-size': NAME_PX * px,
      'stroke-width': 3 * px,
      'class': `spot-name ${isChosen(spot) ? 'chosen' : ''}`,
    },
    short(spot.place.name),
  )

const short = name => ([...name].length > 13 ? `${[...name].slice(0, 12).join('')}…` : name)

export const drawMe = (me, px) =>
  svg(
    'g',
    { 'class': 'me', 'data-me': 'true' },
    svg('circle', { cx: me.x, cy: me.y, r: 15 * px, class: 'me-halo' }),
    svg('circle', {
      'cx': me.x,
      'cy': me.y,
      'r': 7 * px,
      'stroke-width': 2.6 * px,
      'class': 'me-dot',
    }),
  )
