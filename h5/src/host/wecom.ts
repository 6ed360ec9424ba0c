import * as ww from '@wecom/jssdk'
import type { PageSignature } from '../api/types'
import { HostRefused, type Fix, type HostBridge } from './bridge'
import { onlineEvents, pickFromCamera } from './web'

const USED = ['getLocation', 'openLocation', 'chooseImage', 'getLocalImgData', 'getNetworkType']

/** WeCom's own script. `sign` asks our server for the page's signature. */
export function wecomBridge(
  corpId: string,
  sign: (url: string) => Promise<PageSignature>,
): HostBridge {
  ww.register({
    corpId,
    jsApiList: USED,
    getConfigSignature: async url => (await sign(url)).config as unknown as ww.SignatureData,
  })
  return {
    hasTitleBar: true,
    currentFix,
    takePhoto: isIos() ? takePhotoOnIos : pickFromCamera,
    // WeCom signs people in by sending the page away and back, never by a code in the page.
    authCode: () => Promise.reject(new HostRefused('unavailable')),
    async openMap(place) {
      await ww.openLocation({
        latitude: place.gcj_lat,
        longitude: place.gcj_lng,
        name: place.name,
        address: place.address,
        scale: 16,
      })
    },
    callPhone: async phone => void (location.href = `tel:${phone}`),
    setTitle: async title => void (document.title = title),
    networkType,
    onNetworkChange: onlineEvents,
  }
}

/** WeCom answers in WGS-84 when asked to, and tells neither a mock flag nor a time. */
async function currentFix(): Promise<Fix> {
  const [position, network] = await Promise.all([
    asking(ww.getLocation({ type: ww.LocationType.wgs84 })),
    networkType(),
  ])
  return {
    lat: Number(position.latitude),
    lng: Number(position.longitude),
    datum: 'WGS84',
    accuracy_m: Number.isFinite(Number(position.accuracy)) ? Number(position.accuracy) : null,
    provider: '',
    is_mock: null,
    network,
    taken_at: Date.now(),
  }
}

/**
 * Camera only, which a file input cannot promise. The bytes are readable in the page on iOS alone
 * (`getLocalImgData`); Android hands out a path for `img src`, so there the file input is used.
 */
async function takePhotoOnIos(): Promise<Blob> {
  const { localIds } = await asking(
    ww.chooseImage({
      count: 1,
      sizeType: [ww.SizeType.compressed],
      sourceType: [ww.SourceType.camera],
      isSaveToAlbum: false,
    }),
  )
  const localId = localIds[0]
  if (!localId) throw new HostRefused('cancelled')
  const { localData } = await asking(ww.getLocalImgData({ localId }))
  return jpegFrom(localData)
}

/** `localData` comes with or without its `data:` prefix, depending on the client. */
export function jpegFrom(localData: string): Blob {
  const base64 = localData.slice(localData.indexOf(',') + 1).replace(/\s/g, '')
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  return new Blob([bytes], { type: 'image/jpeg' })
}

async function networkType(): Promise<string> {
  try {
    return (await ww.getNetworkType()).networkType
  }
  catch {
    return ''
  }
}

/** The script rejects with `{errMsg: 'getLocation:fail …'}`; the word after the colon says why. */
async function asking<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  }
  catch (failure) {
    const said = String((failure as { errMsg?: string }).errMsg ?? failure)
    if (said.includes(':cancel')) throw new HostRefused('cancelled', said)
    if (/denied|permission|auth/i.test(said)) throw new HostRefused('denied', said)
    throw new HostRefused('unavailable', said)
  }
}

function isIos(): boolean {
  return /iphone|ipad|ipod/i.test(navigator.userAgent)
}
