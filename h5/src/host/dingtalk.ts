import { view$ } from 'dingtalk-jsapi/api/biz/map/view'
import { setTitle$ } from 'dingtalk-jsapi/api/biz/navigation/setTitle'
import { showCallMenu$ } from 'dingtalk-jsapi/api/biz/telephone/showCallMenu'
import { getNetworkType$ } from 'dingtalk-jsapi/api/device/connection/getNetworkType'
import { get$ } from 'dingtalk-jsapi/api/device/geolocation/get'
import { requestAuthCode$ } from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode'
import dd from 'dingtalk-jsapi/entry/union'
import type { PageSignature } from '../api/types'
import { HostRefused, type Fix, type HostBridge } from './bridge'
import { onlineEvents, pickFromCamera } from './web'

const USED = ['device.geolocation.get', 'biz.map.view', 'biz.telephone.showCallMenu']
const GCJ02 = 1 // `coordinate`: the only datum that every client can give
const WANTED_ACCURACY_M = 100

type Position = Awaited<ReturnType<typeof get$>>

/** DingTalk's own script. `sign` asks our server for the page's signature. */
export function dingtalkBridge(sign: (url: string) => Promise<PageSignature>): HostBridge {
  // Once per page load, and only when something needs it: a second dd.config is ignored, and
  // signing in, which comes first, needs none.
  let configured: Promise<void> | null = null
  const ready = () => (configured ??= configure(sign))

  return {
    hasTitleBar: true,
    async currentFix() {
      await ready()
      const position = await asking(
        get$({
          targetAccuracy: WANTED_ACCURACY_M,
          coordinate: GCJ02,
          withReGeocode: false,
          useCache: false, // it defaults to true, and is then up to two minutes old
        }),
      )
      return asFix(position)
    },
    takePhoto: pickFromCamera,
    async authCode(corpId) {
      return (await asking(requestAuthCode$({ corpId }))).code
    },
    async openMap(place) {
      await ready()
      await asking(
        view$({ latitude: place.gcj_lat, longitude: place.gcj_lng, title: place.name }),
      )
    },
    async callPhone(phone) {
      await ready()
      await asking(showCallMenu$({ phoneNumber: phone, code: '+86', showDingCall: false }))
    },
    async setTitle(title) {
      document.title = title
      await asking(setTitle$({ title }))
    },
    async networkType() {
      return String((await asking(getNetworkType$({}))).result)
    },
    onNetworkChange: onlineEvents,
  }
}

async function configure(sign: (url: string) => Promise<PageSignature>): Promise<void> {
  const { config } = await sign(location.href.split('#')[0] ?? '')
  dd.error(failure => console.warn('DingTalk refused the page signature', failure))
  dd.config({ ...(config as unknown as Parameters<typeof dd.config>[0]), jsApiList: USED })
}

/** Numbers come as strings from some clients, and under `location` from very old Android ones. */
export function asFix(answer: Position & { location?: Position }): Fix {
  const position = answer.location ?? answer
  const accuracy = Number(position.accuracy)
  return {
    lat: Number(position.latitude),
    lng: Number(position.longitude),
    datum: 'GCJ02',
    accuracy_m: position.accuracy !== undefined && Number.isFinite(accuracy) ? accuracy : null,
    provider: position.provider === 'lbs' ? 'cell' : (position.provider ?? ''),
    is_mock: position.isFromMock ?? null,
    network: position.netType ?? '',
    taken_at: Date.now(),
  }
}

const CANCELLED = '-1'
const NO_PERMISSION = new Set(['7', '11'])
const TIMED_OUT = '14'

async function asking<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  }
  catch (failure) {
    const { errorCode, errorMessage } = failure as { errorCode?: unknown, errorMessage?: string }
    const code = String(errorCode)
    if (code === CANCELLED) throw new HostRefused('cancelled', errorMessage)
    if (NO_PERMISSION.has(code)) throw new HostRefused('denied', errorMessage)
    if (code === TIMED_OUT) throw new HostRefused('timeout', errorMessage)
    throw new HostRefused('unavailable', errorMessage)
  }
}
