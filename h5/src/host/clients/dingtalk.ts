/**
 * A DingTalk client as its own script sees it, for tests: what the app puts into the page on iOS,
 * Android and desks, and how each of them answers (open.dingtalk.com/document, "JSAPI").
 */

export type Reply = { ok: unknown } | { no: unknown, says?: string } | 'silence'

export interface Asked {
  method: string
  params: Record<string, unknown>
  /** Answer (once more). */
  answer(reply: Reply): void
}

export type System = 'ios' | 'android' | 'desk'

const PHONES: Record<Exclude<System, 'desk'>, string> = {
  ios: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/21E236'
    + ' AliApp(DingTalk/VERSION) com.laiwang.DingTalk/40386372',
  android: 'Mozilla/5.0 (Linux; U; Android 13; V2217A) AppleWebKit/537.36 Chrome/100.0 Mobile'
    + ' Safari/537.36 AliApp(DingTalk/VERSION) com.alibaba.android.rimet/40386372',
}
const DESK = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/108.0 Safari/537.36'
  + ' dingtalk-win/1.0.0 DingTalk(VERSION-Release) nw'
const DESK_ORIGIN = 'https://page.dingtalk.com'

export const AUTHORISES = 'runtime.permission.requestJsApis'

export class DingtalkClient {
  readonly system: System
  asked: Asked[] = []
  private replies = new Map<string, Reply[]>()

  /** To be there before the script is loaded, which looks at the user agent once. */
  constructor(system: System, version = '7.6.0') {
    this.system = system
    const agent = (system === 'desk' ? DESK : PHONES[system]).replace('VERSION', version)
    Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
    this.reset()
    if (system === 'ios') this.beIos()
    if (system === 'android') this.beAndroid()
    if (system === 'desk') this.beDesk(version)
  }

  /** Forget everything; only the page's signature is accepted then. */
  reset(): void {
    this.asked = []
    this.replies = new Map([[AUTHORISES, [{ ok: {} }]], ['config', [{ ok: {} }]]])
  }

  /** Answer this method so, one reply a call; the last one stays. */
  on(method: string, ...replies: Reply[]): void {
    this.replies.set(method, replies)
  }

  calls(method: string): Asked[] {
    return this.asked.filter(one => one.method === method)
  }

  /** What the last call of this method carried. */
  params(method: string): Record<string, unknown> | undefined {
    return this.calls(method).pop()?.params
  }

  private hear(method: string, params: Record<string, unknown>, answer: (reply: Reply) => void) {
    this.asked.push({ method, params, answer })
    const waiting = this.replies.get(method) ?? [{ no: '1', says: 'no such api' }]
    answer((waiting.length > 1 ? waiting.shift() : waiting[0]) ?? 'silence')
  }

  private beIos() {
    const callHandler = (
      method: string, params: Record<string, unknown>, back: (said: object) => void,
    ) => this.hear(method, params, (reply) => {
      if (reply === 'silence') return
      if ('ok' in reply) back({ errorCode: '0', errorMessage: '', result: reply.ok })
      else back({ errorCode: reply.no, errorMessage: reply.says ?? '' })
    })
    Object.assign(window, {
      WebViewJavascriptBridge: { init: () => undefined, registerHandler: () => undefined, callHandler },
    })
  }

  private beAndroid() {
    type Back = (said: unknown) => void
    const call = (
      ok: Back, fail: Back, service: string, action: string, params: Record<string, unknown>,
    ) => this.hear(`${service}.${action}`, params, (reply) => {
      if (reply === 'silence') return
      if ('ok' in reply) ok(reply.ok)
      else fail({ errorCode: reply.no, errorMessage: reply.says ?? '' })
    })
    Object.assign(window, { nuva: { isReady: true, require: () => call } })
  }

  /** On desks the page and the app exchange messages between windows. */
  private beDesk(version: string) {
    const happy = (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM
    happy.setURL(`${DESK_ORIGIN}/h5/`)
    window.name = JSON.stringify({ containerId: '1', hostVersion: version, hostOrigin: DESK_ORIGIN })
    Object.assign(window, { dingtalk: { platform: { invokeAPI: () => undefined } } })
    window.addEventListener('message', ({ data }) => {
      if (data?.type !== 'request') return
      this.hear(data.methodName, data.body, (reply) => {
        if (reply === 'silence') return
        const said = 'ok' in reply
          ? { success: true, body: reply.ok }
          : { success: false, body: { errorCode: reply.no, errorMessage: reply.says ?? '' } }
        window.postMessage({ type: 'response', msgId: data.msgId, ...said }, DESK_ORIGIN)
      })
    })
  }
}
