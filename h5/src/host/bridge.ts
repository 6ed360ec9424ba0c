/** What a page may ask of the app that it runs in. Pages never ask which host that is. */
export interface HostBridge {
  /** The host shows the page's title above the page, so the page need not. */
  readonly hasTitleBar: boolean

  /** Where the phone is now, never from a cache. Rejects with `HostRefused`. */
  currentFix(): Promise<Fix>
  /** One picture from the camera. Rejects with `HostRefused` ('cancelled' when none was taken). */
  takePhoto(): Promise<Blob>
  /** A one-time code that says to our server who the member is. Rejects with `HostRefused`. */
  authCode(corpId: string, clientId: string): Promise<string>
  openMap(place: MapPlace): Promise<void>
  callPhone(phone: string): Promise<void>
  setTitle(title: string): Promise<void>
  networkType(): Promise<string>
  /** `changed` is told true when the network is back and false when it is gone. */
  onNetworkChange(changed: (online: boolean) => void): void
}

/** A position in the datum in which the host gave it. `taken_at` is this phone's clock, in ms. */
export interface Fix {
  lat: number
  lng: number
  datum: 'WGS84' | 'GCJ02'
  accuracy_m: number | null
  provider: 'gps' | 'wifi' | 'cell' | ''
  /** null where the host cannot tell: only Android ones can. */
  is_mock: boolean | null
  network: string
  taken_at: number
}

/** A place for the host's own map, which draws GCJ-02. */
export interface MapPlace {
  name: string
  address: string
  gcj_lat: number
  gcj_lng: number
}

export type RefusalReason = 'denied' | 'timeout' | 'cancelled' | 'unavailable'

/** The host, or the person in front of it, said no. */
export class HostRefused extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message = '') {
    super(message || reason)
    this.name = 'HostRefused'
    this.reason = reason
  }
}

/** `answer`, or `HostRefused('timeout')` when it has not come after `limit_ms`. */
export function within<T>(limit_ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new HostRefused('timeout')), limit_ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
