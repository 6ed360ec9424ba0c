/**
 * WeCom's own script (developer.work.weixin.qq.com/document/path/94313). It signs by itself before
 * the first call, and again when the page's address, without its hash, has changed.
 */

import * as ww from '@wecom/jssdk'
import type { PageSignature } from '../api/types'
import {
  ANSWER_WITHIN_MS, HostRefused, measured, missing, networkSoon, orElse, POSITION_WITHIN_MS, within,
  type Capability, type ChosenMember, type Fix, type HostBridge, type MapPlace, type SharedPage,
  type TakenPicture,
} from './bridge'
import { asking, jpegFrom, scanned } from './wecomAnswers'
import {
  dial, isAtLeast, isHandheld, isIos, onlineEvents, openAmap, pickFromCamera, shareByWeb,
} from './web'

const READS_PICTURES = 'getLocalImgData'
const USED = [
  'getLocation', 'openLocation', 'chooseImage', READS_PICTURES, 'scanQRCode',
  'selectEnterpriseContact', 'shareAppMessage', 'getNetworkType', 'closeWindow',
]
const IMAGE_DATA_FROM = '2.4.6'
const SHARES_FROM = '2.4.5'
const MAP_SCALE = 16

export function wecomBridge(
  corpId: string,
  sign: (url: string) => Promise<PageSignature>,
): HostBridge {
  register(corpId, sign)
  const version = /wxwork\/([\d.]+)/i.exec(navigator.userAgent)?.[1] ?? ''
  const is_handheld = isHandheld()
  // On a desk there is no position and no camera call; what has another way stays possible.
  const able: Record<Capability, boolean> = {
    position: is_handheld,
    scan: is_handheld,
    map: true,
    call: is_handheld,
    members: true,
    share: true,
    close: true,
  }
  const needs = (what: Capability) => (able[what] ? Promise.resolve() : missing())
  // The bytes are readable in the page on iPhones; most Androids hand out a path for `img src` only,
  // and are asked beforehand, because a file input must open at once when the button is pressed.
  let reads_native_pictures = isIos() && isAtLeast(version, IMAGE_DATA_FROM)
  let has_asked = !is_handheld || isIos()

  function askForPictures() {
    if (has_asked) return
    has_asked = true
    asking(() => ww.checkJsApi({ jsApiList: [READS_PICTURES] })).then(
      ({ checkResult }) => (reads_native_pictures = checkResult?.[READS_PICTURES] === true),
      () => undefined,
    )
  }

  return {
    hasTitleBar: true,
    can: what => able[what],
    async currentFix() {
      await needs('position')
      const fix = await within(POSITION_WITHIN_MS, currentFix())
      askForPictures() // the page is signed now, and a picture is what usually comes next
      return fix
    },
    async takePhoto() {
      if (!reads_native_pictures) return pickFromCamera()
      try {
        return await takeNativePhoto()
      }
      catch (refused) {
        // The file input needs a fresh press, so it is for the next try.
        const is_persons_word = refused instanceof HostRefused && refused.reason === 'cancelled'
        if (!is_persons_word) reads_native_pictures = false
        throw refused
      }
    },
    async scan() {
      await needs('scan')
      return scanned((await asking(() => ww.scanQRCode({ needResult: true }))).resultStr)
    },
    chooseMember,
    share: page => orElse(
      isAtLeast(version, SHARES_FROM) ? share(page) : missing(),
      () => shareByWeb(page),
    ),
    // WeCom signs people in by sending the page away and back, never by a code in the page.
    authCode: missing,
    openMap: place => orElse(is_handheld ? showMap(place) : missing(), () => openAmap(place)),
    callPhone: phone => needs('call').then(() => dial(phone)),
    setTitle: async title => void (document.title = title),
    networkType,
    onNetworkChange(changed) {
      onlineEvents(changed)
      ww.onNetworkStatusChange(({ isConnected }) => changed(isConnected))
    },
    async close() {
      await within(ANSWER_WITHIN_MS, asking(() => ww.closeWindow()))
    },
  }
}

/**
 * Without the signature at first: registering would then sign at once, before anybody has signed
 * in, and nobody would hear of a refusal. The script reads it before each call.
 */
function register(corpId: string, sign: (url: string) => Promise<PageSignature>): void {
  const options: ww.RegisterOptions = { corpId, jsApiList: USED }
  ww.register(options)
  options.getConfigSignature = async (url) => {
    try {
      return (await sign(url)).config as unknown as ww.SignatureData
    }
    catch (failure) {
      console.warn('the page could not be signed', failure)
      throw new HostRefused('unsigned', String(failure))
    }
  }
}

/** WeCom answers in WGS-84 when asked to, and tells neither a mock flag nor a time. */
async function currentFix(): Promise<Fix> {
  const network = networkType()
  const position = await asking(() => ww.getLocation({ type: ww.LocationType.wgs84 }))
  const taken_at = Date.now()
  return {
    ...measured(position),
    datum: 'WGS84',
    provider: '',
    is_mock: null,
    network: await network,
    taken_at,
  }
}

/** Camera only, which a file input cannot promise. */
async function takeNativePhoto(): Promise<TakenPicture> {
  const { localIds } = await asking(() =>
    ww.chooseImage({
      count: 1,
      sizeType: [ww.SizeType.compressed],
      sourceType: [ww.SourceType.camera],
      isSaveToAlbum: false,
    }),
  )
  const localId = localIds?.[0]
  if (!localId) throw new HostRefused('cancelled')
  const read = asking(() => ww.getLocalImgData({ localId }))
  const picture = jpegFrom((await within(ANSWER_WITHIN_MS, read)).localData)
  return { picture, captured_by: 'host_camera' }
}

async function showMap({ gcj_lat: latitude, gcj_lng: longitude, name, address }: MapPlace) {
  const where = { latitude, longitude, name, address, scale: MAP_SCALE }
  await within(ANSWER_WITHIN_MS, asking(() => ww.openLocation(where)))
}

async function share({ title, text, url }: SharedPage): Promise<'shared'> {
  await asking(() => ww.shareAppMessage({ title, desc: text, link: url, imgUrl: '' }))
  return 'shared'
}

/** WeCom's list has no room for a title. */
async function chooseMember(): Promise<ChosenMember> {
  const { result } = await asking(() =>
    ww.selectEnterpriseContact({
      fromDepartmentId: 0,
      mode: ww.SelectEnterpriseContactMode.single,
      type: [ww.SelectEnterpriseContactType.user],
    }),
  )
  const chosen = result?.userList?.[0]
  if (!chosen?.id) throw new HostRefused('cancelled')
  return { host_user_id: chosen.id, name: chosen.name }
}

function networkType(): Promise<string> {
  return networkSoon(asking(() => ww.getNetworkType()).then(said => said.networkType))
}
