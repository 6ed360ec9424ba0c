/** Where a door was, where it may be, and the check-ins that say so: metres into a square of 100. */

export interface Point {
  lat: number
  lng: number
}

export interface Dot {
  x: number
  y: number
}

const METRES_PER_DEGREE = 111_195 // of latitude, on the sphere that the server reckons with
const EDGE = 12 // leaves room for the signs

/** All in one datum. North is up, both directions have one scale, and nothing is left outside. */
export function movePicture(before: Point, after: Point, seen: Point[]): { before: Dot, after: Dot, seen: Dot[] } {
  const squeeze = Math.cos((before.lat * Math.PI) / 180)
  const flat = [before, after, ...seen].map(({ lat, lng }) => ({
    x: (lng - before.lng) * METRES_PER_DEGREE * squeeze,
    y: (before.lat - lat) * METRES_PER_DEGREE,
  }))
  const [left, right] = ends(flat.map(({ x }) => x))
  const [top, bottom] = ends(flat.map(({ y }) => y))
  const scale = (100 - 2 * EDGE) / Math.max(right - left, bottom - top, 1)
  const place = ({ x, y }: Dot): Dot => ({
    x: 50 + (x - (left + right) / 2) * scale,
    y: 50 + (y - (top + bottom) / 2) * scale,
  })
  const [first, second, ...others] = flat.map(place)
  return { before: first!, after: second!, seen: others }
}

function ends(values: number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}
