// Where the phone says it is: a little beside where it stands, in the datum of its host.

const EARTH_RADIUS_M = 6_371_008.8
const METRES_PER_DEGREE = (Math.PI / 180) * EARTH_RADIUS_M
const JITTER_M = 6

/** Metres between two WGS-84 points. */
export function distanceBetween(a, b) {
  const rad = Math.PI / 180
  const halfLat = ((b.lat - a.lat) * rad) / 2
  const halfLng = ((b.lng - a.lng) * rad) / 2
  const chord =
    Math.sin(halfLat) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(halfLng) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)))
}

/** The point `metres` away from `from`; `bearing` in radians, clockwise from north. */
export function away(from, metres, bearing) {
  const north = metres * Math.cos(bearing)
  const east = metres * Math.sin(bearing)
  return {
    lat: from.lat + north / METRES_PER_DEGREE,
    lng: from.lng + east / (METRES_PER_DEGREE * Math.cos((from.lat * Math.PI) / 180)),
  }
}

/** The answer of the host's script to "where am I?". WeCom is asked for WGS84, DingTalk knows GCJ02. */
export function reading(phone, count) {
  const random = seeded(`${phone.host} ${phone.user_id} ${count}`)
  const spread = Math.min(JITTER_M, phone.accuracy_m / 2)
  const measured = away(phone, spread * random(), 2 * Math.PI * random())
  const isDingtalk = phone.host === 'dingtalk'
  const at = isDingtalk ? toGcj02(measured) : measured
  return {
    lat: Number(at.lat.toFixed(7)),
    lng: Number(at.lng.toFixed(7)),
    datum: isDingtalk ? 'GCJ02' : 'WGS84',
    accuracy_m: phone.accuracy_m,
    // WeCom's getLocation names neither the source nor whether it is mocked.
    provider: isDingtalk ? phone.provider : '',
    is_mock: isDingtalk ? phone.is_mock : null,
    network: phone.online ? '4g' : 'none',
    age_s: 0,
  }
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32 over FNV-1a). */
export function seeded(seed) {
  let state = 2166136261
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0), 16777619)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

// The Krasovsky 1940 ellipsoid, on which the published shift of GCJ-02 is defined.
const AXIS = 6_378_245
const ECCENTRICITY_SQUARED = 0.006693421622965943

/** WGS-84 → GCJ-02; the same point outside China. */
export function toGcj02({ lat, lng }) {
  if (lat < 0.8293 || lat > 55.8271 || lng < 72.004 || lng > 137.8347) return { lat, lng }
  const [x, y] = [lng - 105, lat - 35]
  const rad = (lat * Math.PI) / 180
  const bend = 1 - ECCENTRICITY_SQUARED * Math.sin(rad) ** 2
  const meridian = (AXIS * (1 - ECCENTRICITY_SQUARED)) / (bend * Math.sqrt(bend))
  const parallel = (AXIS / Math.sqrt(bend)) * Math.cos(rad)
  return {
    lat: lat + (northShift(x, y) / meridian) * (180 / Math.PI),
    lng: lng + (eastShift(x, y) / parallel) * (180 / Math.PI),
  }
}

const wave = (size, value) => (size * Math.sin(value * Math.PI) * 2) / 3
const ripple = x => wave(20, 6 * x) + wave(20, 2 * x)

function northShift(x, y) {
  return (
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    ripple(x) +
    wave(20, y) +
    wave(40, y / 3) +
    wave(160, y / 12) +
    wave(320, y / 30)
  )
}

function eastShift(x, y) {
  return (
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    ripple(x) +
    wave(20, x) +
    wave(40, x / 3) +
    wave(150, x / 12) +
    wave(300, x / 30)
  )
}
