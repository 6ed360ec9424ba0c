/** The little picture of where the rep stands: metres around the customer into a square of 100. */

export interface Point {
  lat: number
  lng: number
}

export interface RadiusPicture {
  /** Units of the square for one radius. */
  radius: number
  dot: { x: number, y: number }
  /** How uncertain the dot is. */
  accuracy: number
  /** The dot stands at the edge because the rep is further away than the picture reaches. */
  isBeyond: boolean
}

const METRES_PER_DEGREE = 111_195 // of latitude, on the sphere that the server reckons with
const CENTRE = 50
const REACH = 46 // leaves the edge's width free

/**
 * `place` and `fix` in the same datum. The picture reaches two radii or a little more than the
 * distance, up to four radii; who is further away is drawn at the edge, in his direction.
 */
export function radiusPicture(
  place: Point,
  fix: Point,
  radius_m: number,
  accuracy_m: number | null,
): RadiusPicture {
  const east_m = (fix.lng - place.lng) * METRES_PER_DEGREE * Math.cos((place.lat * Math.PI) / 180)
  const north_m = (fix.lat - place.lat) * METRES_PER_DEGREE
  const distance_m = Math.hypot(east_m, north_m)
  const reach_m = Math.min(Math.max(radius_m * 1.6, distance_m * 1.15), radius_m * 4)
  const scale = REACH / reach_m
  const isBeyond = distance_m > reach_m
  const pull = isBeyond ? reach_m / distance_m : 1
  return {
    radius: radius_m * scale,
    dot: { x: CENTRE + east_m * scale * pull, y: CENTRE - north_m * scale * pull },
    accuracy: Math.min((accuracy_m ?? 0) * scale, REACH),
    isBeyond,
  }
}
