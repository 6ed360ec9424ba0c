import {
  HostRefused, measured, missing, POSITION_WITHIN_MS, within,
  type Capability, type Fix, type HostBridge,
} from './bridge'
import { dial, isHandheld, onlineEvents, openAmap, pickFromCamera, shareByWeb } from './web'

const GOOD_ENOUGH_M = 100
const FIRST_USABLE_MS = 5_000

/** A plain browser: the same page without a host around it. */
export function browserBridge(): HostBridge {
  const able: Record<Capability, boolean> = {
    position: 'geolocation' in navigator,
    scan: false,
    map: true,
    call: isHandheld(),
    members: false,
    share: true,
    close: false,
  }
  return {
    hasTitleBar: false,
    can: what => able[what],
    currentFix: () => (able.position ? currentFix() : missing()),
    takePhoto: pickFromCamera,
    scan: missing,
    chooseMember: missing,
    share: shareByWeb,
    authCode: missing,
    openMap: async place => openAmap(place),
    callPhone: async phone => (able.call ? dial(phone) : missing()),
    setTitle: async title => void (document.title = title),
    networkType: async () => (navigator.onLine ? 'unknown' : 'none'),
    onNetworkChange: onlineEvents,
    close: missing,
  }
}

/**
 * A fix of 100 m or better as soon as it comes; after 5 s the best one so far; nothing after 25 s.
 * Browsers answer in WGS-84.
 */
function currentFix(): Promise<Fix> {
  let stop: (() => void) | undefined
  const answer = new Promise<GeolocationPosition>((resolve, reject) => {
    const started = performance.now()
    let best: GeolocationPosition | null = null
    const settling = setTimeout(() => best && resolve(best), FIRST_USABLE_MS)
    const watch = navigator.geolocation.watchPosition(
      (position) => {
        if (!best || position.coords.accuracy <= best.coords.accuracy) best = position
        const settled = performance.now() - started > FIRST_USABLE_MS
        if (settled || position.coords.accuracy <= GOOD_ENOUGH_M) resolve(position)
      },
      refusal => reject(asRefused(refusal)),
      { enableHighAccuracy: true, maximumAge: 0, timeout: POSITION_WITHIN_MS },
    )
    stop = () => {
      navigator.geolocation.clearWatch(watch)
      clearTimeout(settling)
    }
  })
  // The browser's own limit does not run while it asks the person for permission.
  return within(POSITION_WITHIN_MS, answer).then(asFix).finally(() => stop?.())
}

function asFix({ coords, timestamp }: GeolocationPosition): Fix {
  return {
    ...measured(coords),
    datum: 'WGS84',
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
