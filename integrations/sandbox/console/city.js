// A schematic city to draw under the places: roads, parks and a river, the same on every visit.

import { svg } from './dom.js'
import { seeded } from './position.js'

const ROADS = [
  [1 / 13, 0.006],
  [1 / 4, 0.014],
  [1, 0.03],
] // distance and width in blocks, lanes first

/** Drawn in metres over `box` ({ x, y, width, height }) and a good way around it; no place of `dry`
 * ({ x, y }) should stand in the river. Each net of roads says in `data-step` how close it is. */
export function city(box, dry) {
  const random = seeded('waiqin city')
  const [left, top] = [box.x - box.width, box.y - box.height]
  const [width, height] = [box.width * 3, box.height * 3]
  const block = Math.max(box.width, box.height) / 9
  const layers = [svg('rect', { x: left, y: top, width, height, class: 'city-ground' })]
  for (let n = 0; n < 26; n += 1) layers.push(park(left, top, width, height, block, random))
  layers.push(river(left, width, box, block * 0.3, dry))
  for (const [step, size] of ROADS) {
    layers.push(
      svg('path', {
        'd': roads(left, top, width, height, block * step, random),
        'class': 'city-road',
        'stroke-width': block * size,
        'data-step': block * step,
      }),
    )
  }
  return svg('g', { 'class': 'city', 'aria-hidden': 'true' }, layers)
}

function park(left, top, width, height, block, random) {
  const size = block * (0.35 + random() * 0.8)
  const [x, y] = [left + random() * width, top + random() * height]
  const tall = size * (0.5 + random())
  return svg('rect', { x, y, width: size, height: tall, rx: size * 0.12, class: 'city-park' })
}

/** From west to east, at the height where it wets the fewest. */
function river(left, width, box, breadth, dry) {
  const at = (x, middle) =>
    middle + Math.sin((x - box.x) / (box.width / 7)) * breadth * 1.2 + (x - box.x) * 0.08
  const wet = middle => dry.filter(({ x, y }) => Math.abs(y - at(x, middle)) < breadth).length
  const heights = Array.from({ length: 41 }, (_, n) => box.y + box.height * (0.2 + n * 0.015))
  const middle = heights.reduce((best, each) => (wet(each) < wet(best) ? each : best), heights[20])
  let path = ''
  for (let n = 0; n <= 240; n += 1) {
    const x = left + (width * n) / 240
    path += `${n ? 'L' : 'M'} ${x} ${at(x, middle)} `
  }
  return svg('path', { 'd': path, 'class': 'city-river', 'stroke-width': breadth })
}

function roads(left, top, width, height, step, random) {
  let path = ''
  const next = () => step * (0.7 + random() * 0.6)
  const slant = () => step * (random() - 0.5)
  for (let x = left; x < left + width; x += next()) path += `M ${x} ${top} l ${slant()} ${height} `
  for (let y = top; y < top + height; y += next()) path += `M ${left} ${y} l ${width} ${slant()} `
  return path
}
