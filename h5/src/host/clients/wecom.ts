/**
 * A WeCom client as its own script sees it, for tests: `WeixinJSBridge` and what it answers on iOS,
 * Android and desks (developer.work.weixin.qq.com/document/path/94313).
 */

/** `err_msg` is what stands after the colon. 'silence' answers nothing. */
export type Reply = { err_msg?: string, [more: string]: unknown } | 'silence'

export interface Asked {
  name: string
  params: Record<string, unknown>
  /** Answer (once more). */
  answer(reply: Reply): void
}

export type System = 'ios' | 'android' | 'desk'

const AGENTS: Record<System, string> = {
  ios: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148'
    + ' wxwork/VERSION MicroMessenger/7.0.1 Language/zh',
  android: 'Mozilla/5.0 (Linux; Android 13; V2217A) AppleWebKit/537.36 Chrome/116.0 MQQBrowser/6.2'
    + ' TBS/046295 Mobile Safari/537.36 wxwork/VERSION MicroMessenger/7.0.1 NetType/WIFI',
  desk: 'Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 Chrome/108.0 Safari/537.36'
    + ' wxwork/VERSION MicroMessenger/7.0.1 WindowsWechat',
}

export const VERIFIES = 'preVerifyJSAPI'

export class WecomClient {
  readonly system: System
  asked: Asked[] = []
  private replies = new Map<string, Reply[]>()
  private heard = new Map<string, (event: object) => void>()

  /** To be there before the script is loaded, which looks at the user agent once. */
  constructor(system: System, version = '4.1.36') {
    this.system = system
    const agent = AGENTS[system].replace('VERSION', version)
    Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
    this.reset()
    Object.assign(window, {
      WeixinJSBridge: {
        invoke: (name: string, params: Record<string, unknown>, back: (said: object) => void) =>
          this.hear(name, params, back),
        on: (event: string, listener: (event: object) => void) => this.heard.set(event, listener),
      },
    })
  }

  /** Forget everything; only the page's signature is accepted then. */
  reset(): void {
    this.asked = []
    this.replies = new Map([[VERIFIES, [{}]]])
  }

  /** Answer this call so, one reply a call; the last one stays. */
  on(name: string, ...replies: Reply[]): void {
    this.replies.set(name, replies)
  }

  /** The app tells the page about something by itself. */
  tell(event: string, what: object): void {
    this.heard.get(event)?.(what)
  }

  calls(name: string): Asked[] {
    return this.asked.filter(one => one.name === name)
  }

  /** What the last call of this name carried. */
  params(name: string): Record<string, unknown> | undefined {
    return this.calls(name).pop()?.params
  }

  private hear(name: string, params: Record<string, unknown>, back: (said: object) => void) {
    const answer = (reply: Reply) => {
      if (reply !== 'silence') back({ ...reply, err_msg: `${name}:${reply.err_msg ?? 'ok'}` })
    }
    this.asked.push({ name, params, answer })
    const waiting = this.replies.get(name) ?? [{ err_msg: 'function_not_exist' }]
    answer((waiting.length > 1 ? waiting.shift() : waiting[0]) ?? 'silence')
  }
}
