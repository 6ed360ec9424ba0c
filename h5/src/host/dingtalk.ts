/**
 * DingTalk's own script. Its three-part calls are used where its newer names are the same native
 * method, because they exist on older clients too (open.dingtalk.com/document, JSAPI).
 */

import { complexPicker$ } from 'dingtalk-jsapi/api/biz/contact/complexPicker'
import { view$ } from 'dingtalk-jsapi/api/biz/map/view'
import { close$ } from 'dingtalk-jsapi/api/biz/navigation/close'
import { setTitle$ } from 'dingtalk-jsapi/api/biz/navigation/setTitle'
import { showCallMenu$ } from 'dingtalk-jsapi/api/biz/telephone/showCallMenu'
import { scan$ } from 'dingtalk-jsapi/api/biz/util/scan'
import { share$ } from 'dingtalk-jsapi/api/biz/util/share'
import { getNetworkType$ } from 'dingtalk-jsapi/api/device/connection/getNetworkType'
import { get$ } from 'dingtalk-jsapi/api/device/geolocation/get'
import { requestAuthCode$ as oldAuthCode$ } from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode'
import { requestAuthCode$ } from 'dingtalk-jsapi/api/union/requestAuthCode'
import dd from 'dingtalk-jsapi/entry/union'
import {
  ANSWER_WITHIN_MS, HostRefused, missing, networkSoon, orElse, POSITION_WITHIN_MS, within,
  type Capability, type Fix, type HostBridge, type MapPlace,
} from './bridge'
import { browserBridge } from './browser'
import { asFix, asking, emptyIsMalformed } from './dingtalkAnswers'
import { dingtalkCamera } from './dingtalkCamera'
import { signedPage, type Sign } from './dingtalkSigning'
import { dial, domestic, isAtLeast, onlineEvents, openAmap, shareByWeb } from './web'

const NATIVE: Record<Capability | 'camera' | 'upload' | 'clientAuthCode', string> = {
  position: 'device.geolocation.get',
  scan: 'biz.util.scan',
  map: 'biz.map.view',
  call: 'biz.telephone.showCallMenu',
  members: 'biz.contact.complexPicker',
  share: 'biz.util.share',
  close: 'biz.navigation.close',
  camera: 'biz.util.chooseImage',
  upload: 'biz.util.uploadFile',
  clientAuthCode: 'runtime.permission.requestAuthCodeV2',
}

const GCJ02 = 1 // `coordinate`: the only datum that every client can give
const WANTED_ACCURACY_M = 100
const EVERYTHING = 0 // `type` of a share: whatever the client offers
const IOS_KNOWS_GCJ02_FROM = '2.7.6'

/** `entered` is the address with which the page was opened. */
export async function dingtalkBridge(
  corpId: string,
  sign: Sign,
  entered: string,
): Promise<HostBridge> {
  const { platform, version = '' } = dd.env
  // DingTalk on a desk may open pages in a window without its script.
  if (platform === 'notInDingTalk') return browserBridge()

  const listed = await dd.checkJsApi({ jsApiList: Object.values(NATIVE) })
  const has = (what: keyof typeof NATIVE) =>
    listed[NATIVE[what]] === true || (!version && platform !== 'pc')
  const needs = (what: Capability) => (has(what) ? Promise.resolve() : missing())
  const page = signedPage(sign, platform, entered)
  // WGS-84 from old iPhones, whatever they are asked for.
  const datum: Fix['datum']
    = platform === 'ios' && !isAtLeast(version, IOS_KNOWS_GCJ02_FROM) ? 'WGS84' : 'GCJ02'

  async function currentFix(): Promise<Fix> {
    await needs('position')
    const position = await page.calling(() =>
      get$({
        targetAccuracy: WANTED_ACCURACY_M,
        coordinate: GCJ02,
        withReGeocode: false,
        useCache: false, // it defaults to true, and is then up to two minutes old
      }),
    )
    return asFix(position, datum)
  }

  async function showMap({ gcj_lat: latitude, gcj_lng: longitude, name: title }: MapPlace) {
    const shown = page.calling(() => view$({ latitude, longitude, title }))
    await within(ANSWER_WITHIN_MS, shown)
  }

  async function showCallMenu(phone: string) {
    const phoneNumber = domestic(phone)
    // The menu wants the country apart; the phone itself knows how to read the others.
    if (phoneNumber.startsWith('+')) return dial(phone)
    const shown = page.calling(() => showCallMenu$({ phoneNumber, code: '+86', showDingCall: false }))
    await within(ANSWER_WITHIN_MS, shown)
  }

  return {
    hasTitleBar: true,
    can: what => (what === 'map' || what === 'share' ? true : has(what)),
    currentFix: () => within(POSITION_WITHIN_MS, currentFix()),
    takePhoto: dingtalkCamera(page, has('camera') && has('upload')),
    async scan() {
      await needs('scan')
      const { text, code } = await asking(() => scan$({ type: 'all' }))
      return emptyIsMalformed(text ?? code)
    },
    async chooseMember(title) {
      await needs('members')
      const agent_id = await page.agentId()
      const { users } = await page.calling(() =>
        complexPicker$({
          title,
          corpId,
          appId: Number(agent_id),
          permissionType: 'GLOBAL',
          multiple: false,
          maxUsers: 1,
          responseUserOnly: true,
          pickedUsers: [],
          disabledUsers: [],
          requiredUsers: [],
        }),
      )
      const [chosen] = users ?? []
      if (!chosen) throw new HostRefused('cancelled')
      return { host_user_id: emptyIsMalformed(chosen.emplId), name: chosen.name }
    },
    share: ({ title, text, url }) => orElse(
      needs('share')
        .then(() => asking(() => share$({ type: EVERYTHING, title, content: text, url, image: '' })))
        .then(() => 'shared'),
      () => shareByWeb({ title, text, url }),
    ),
    async authCode(ofCorp, clientId) {
      const asked = has('clientAuthCode') && clientId
        ? asking(() => requestAuthCode$({ corpId: ofCorp, clientId }))
        : asking(() => oldAuthCode$({ corpId: ofCorp }))
      return emptyIsMalformed((await within(ANSWER_WITHIN_MS, asked)).code)
    },
    openMap: place => orElse(needs('map').then(() => showMap(place)), () => openAmap(place)),
    callPhone: phone => needs('call').then(() => orElse(showCallMenu(phone), () => dial(phone))),
    async setTitle(title) {
      document.title = title
      await asking(() => setTitle$({ title }))
    },
    networkType: () =>
      networkSoon(asking(() => getNetworkType$({})).then(({ result }) => result)),
    onNetworkChange(changed) {
      onlineEvents(changed)
      // The client tells it to the document, also where the WebView itself notices nothing.
      document.addEventListener('online', () => changed(true))
      document.addEventListener('offline', () => changed(false))
    },
    async close() {
      await needs('close')
      await within(ANSWER_WITHIN_MS, asking(() => close$({})))
    },
  }
}
