import { HostRefused, type Fix, type HostBridge, type MapPlace } from './bridge'
import { onlineEvents, pickFromCamera } from './web'

const GOOD_ENOUGH_M = 100
const FIRST_USABLE_MS = 5_000
const HARD_LIMIT_MS = 10_000
const OWN_COUNTRY_CODE = /^\+86\s*/

/** A plain browser: the same page without a host around it. */
export function browserBridge(): HostBridge {
  return {
    hasTitleBar: false,
    currentFix,
    takePhoto: pickFromCamera,
    authCode: () => Promise.reject(new HostRefused('unavailable')),
    openMap: async place => void window.open(mapAddress(place), '_blank', 'noopener'),
    callPhone: async phone => void (location.href = `tel:${phone.replace(OWN_COUNTRY_CODE, '')}`),
    setTitle: async title => void (document.title = title),
    networkType: async () => (navigator.onLine ? 'unknown' : 'none'),
    onNetworkChange: onlineEvents,
  }
}

/**
 * A fix of 100 m or better as soon as it comes; after 5 s the best one so far; nothing after 10 s.
 * Browsers answer in WGS-84.
 */
function currentFix(): Promise<Fix> {
  if (!navigator.geolocation) return Promise.reject(new HostRefused('unavailable'))
  return new Promise((resolve, reject) => {
    const started = performance.now()
    let best: GeolocationPosition | null = null
    const finish = (settle: () => void) => {
      navigator.geolocation.clearWatch(watch)
      clearTimeout(settling)
      settle()
    }
    const settling = setTimeout(() => {
      const usable = best
      if (usable) finish(() => resolve(asFix(usable)))
    }, FIRST_USABLE_MS)
    const watch = navigator.geolocation.watchPosition(
      (position) => {
        if (!best || position.coords.accuracy <= best.coords.accuracy) best = position
        const settled = performance.now() - started > FIRST_USABLE_MS
        if (settled || position.coords.accuracy <= GOOD_ENOUGH_M) {
          finish(() => resolve(asFix(position)))
        }
      },
      refusal => finish(() => reject(asRefused(refusal))),
      { enableHighAccuracy: true, maximumAge: 0, timeout: HARD_LIMIT_MS },
    )
  })
}

function asFix({ coords, timestamp }: GeolocationPosition): Fix {
  return {
    lat: coords.latitude,
    lng: coords.longitude,
    datum: 'WGS84',
    accuracy_m: coords.accuracy,
    provider: '',
    is_mock: null,
    network: '',
    taken_at: timestamp,
  }
}

function asRefused(refusal: GeolocationPositionError): HostRefused {
  if (refusal.code === refusal.PERMISSION_DENIED) return new HostRefused('denied')
  if (refusal.code === refusal.TIMEOUT) return new HostRefused('timeout')
  return new HostRefused('unavailable', refusal.message)
}

/** Amap's address scheme: opens its app where there is one, else its pages. */
function mapAddress(place: MapPlace): string {
  const query = new URLSearchParams({
    position: `${place.gcj_lng},${place.gcj_lat}`,
    name: place.name,
    coordinate: 'gaode',
    callnative: '1',
  })
  return `https://uri.amap.com/marker?${query}`
}
