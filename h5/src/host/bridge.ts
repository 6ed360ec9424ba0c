/** What a page may ask of the app that it runs in. Pages never ask which host that is. */
export interface HostBridge {
  /** The host shows the page's title above the page, so the page need not. */
  readonly hasTitleBar: boolean

  /**
   * Whether this client can do it at all: an old one, or one on a desk, may not. Asking all the
   * same rejects with `HostRefused` ('missing').
   */
  can(what: Capability): boolean
  /** Where the phone is now, never from a cache. Rejects with `HostRefused`, after 25 s at most. */
  currentFix(): Promise<Fix>
  /**
   * One picture from the camera. Rejects with `HostRefused`: 'cancelled' when none was taken,
   * 'not_live' when an old one was picked. Waits as long as the person takes.
   */
  takePhoto(): Promise<TakenPicture>
  /** What a QR or bar code says. Rejects with `HostRefused`. Waits as long as the person takes. */
  scan(): Promise<string>
  /** A colleague whom the person picks in the host's own list. Rejects with `HostRefused`. */
  chooseMember(title: string): Promise<ChosenMember>
  /** Hand a page on; 'copied' where there was only the clipboard. Rejects with `HostRefused`. */
  share(page: SharedPage): Promise<'shared' | 'copied'>
  /** A one-time code that says to our server who the member is. Rejects with `HostRefused`. */
  authCode(corpId: string, clientId: string): Promise<string>
  openMap(place: MapPlace): Promise<void>
  callPhone(phone: string): Promise<void>
  setTitle(title: string): Promise<void>
  /** `wifi`, `4g`, …, `none`, or '' where nobody knows. */
  networkType(): Promise<string>
  /** `changed` is told true when the network is back and false when it is gone. */
  onNetworkChange(changed: (online: boolean) => void): void
  /** Leave the page. Rejects with `HostRefused`. */
  close(): Promise<void>
}

export type Capability = 'position' | 'scan' | 'map' | 'call' | 'members' | 'share' | 'close'

/**
 * By which way a picture came. `host_camera`: the host's own call, which opens the camera alone.
 * `file_input_camera`: a file input, on a system where `capture` opens the camera alone.
 * `file_input`: one that may have offered the album too; nobody can see which it was.
 */
export type CapturedBy = 'host_camera' | 'file_input_camera' | 'file_input'

export interface TakenPicture {
  picture: Blob | HostPicture
  captured_by: CapturedBy
}

/** A picture whose bytes only the host's app has: it shows it, and sends it, by itself. */
export interface HostPicture {
  /** For `img`. A client may refuse to show it. */
  readonly preview: string
  /** Post it as the one file of a form. Rejects with `HostRefused` when no answer came. */
  post(door: FormDoor): Promise<PostAnswer>
}

export interface FormDoor {
  url: string
  /** The name of the file's part in the form. */
  part: string
  headers: Record<string, string>
}

export interface PostAnswer {
  status: number
  body: string
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

/** `host_user_id` is the member's id at the host, as our server knows it too. */
export interface ChosenMember {
  host_user_id: string
  name: string
}

export interface SharedPage {
  title: string
  text: string
  url: string
}

/**
 * `missing`: this client has no such thing. `unsigned`: the host does not accept our page, or our
 * server could not be asked to sign it. `unavailable`: it failed, and the host does not say why.
 */
export type RefusalReason =
  | 'denied' | 'timeout' | 'cancelled' | 'not_live' | 'missing' | 'unsigned' | 'unavailable'

/** The host, or the person in front of it, said no. */
export class HostRefused extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message = '') {
    super(message || reason)
    this.name = 'HostRefused'
    this.reason = reason
  }
}

/** Android phones with coarse positions may need 20 s. */
export const POSITION_WITHIN_MS = 25_000
/** For what needs nobody's hands. A bridge that never came up answers nothing at all. */
export const ANSWER_WITHIN_MS = 10_000
const NETWORK_WITHIN_MS = 3_000

/** `answer`, or `HostRefused('timeout')` when it has not come after `limit_ms`. */
export function within<T>(limit_ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new HostRefused('timeout')), limit_ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export const missing = (): Promise<never> => Promise.reject(new HostRefused('missing'))

/** `otherWay` where the host's own is missing, or not granted to our page. */
export async function orElse<T>(asked: Promise<T>, otherWay: () => T | Promise<T>): Promise<T> {
  try {
    return await asked
  }
  catch (refused) {
    const { reason } = refused as HostRefused
    if (reason === 'missing' || reason === 'unsigned') return otherWay()
    throw refused
  }
}

/** The network's name, soon: it is only an ornament of a position. */
export function networkSoon(answer: Promise<unknown>): Promise<string> {
  return within(NETWORK_WITHIN_MS, answer).then(asNetwork, () => '')
}

const LONGEST_NETWORK = 16
const asNetwork = (said: unknown) =>
  (typeof said === 'string' ? said.slice(0, LONGEST_NETWORK) : '')

/** What a client says of a position: numbers, or texts of numbers, or nothing. */
export interface SaidPosition {
  latitude?: unknown
  longitude?: unknown
  accuracy?: unknown
}

const LARGEST_ACCURACY_M = 1_000_000

/**
 * The position as numbers. Rejects what is none: our server would refuse the whole check-in for it.
 * (0, 0) is what some clients say when they know nothing.
 */
export function measured(
  { latitude, longitude, accuracy }: SaidPosition,
): Pick<Fix, 'lat' | 'lng' | 'accuracy_m'> {
  const [lat, lng, accuracy_m] = [number(latitude), number(longitude), number(accuracy)]
  const is_on_earth = Math.abs(lat) <= 90 && Math.abs(lng) <= 180
  if (!is_on_earth || (lat === 0 && lng === 0)) {
    throw new HostRefused('unavailable', `not a position: ${String(latitude)}, ${String(longitude)}`)
  }
  const is_known = accuracy_m >= 0 && accuracy_m <= LARGEST_ACCURACY_M
  return { lat, lng, accuracy_m: is_known ? accuracy_m : null }
}

/** NaN for what is not a number; `Number('')` and `Number(null)` would be 0. */
function number(said: unknown): number {
  if (typeof said === 'number') return said
  return typeof said === 'string' && said.trim() ? Number(said) : Number.NaN
}
