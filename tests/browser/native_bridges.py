"""What the hosts' apps put into a page, in JavaScript: just enough for their own scripts to work.

Each records what it was asked in `window.asked`, and accepts the page's signature when the pretend
host at `VERIFIER` does. `HERE` is replaced by the position that it gives. Where DingTalk's app is
to send files, a test gives the page a function `appSends` for it.
"""

WECOM_AGENT = (
    "Mozilla/5.0 (Linux; Android 13; V2217A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36"
    " wxwork/4.1.36 MicroMessenger/7.0.1"
)
DINGTALK_AGENT = (
    "Mozilla/5.0 (Linux; Android 13; V2217A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36"
    " AliApp(DingTalk/7.6.0)"
)

DINGTALK_IOS_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/21E236"
    " AliApp(DingTalk/7.6.0) com.laiwang.DingTalk/40386372"
)

# developer.work.weixin.qq.com/document/path/94313
WECOM = """
window.asked = []
const answers = { geoLocation: HERE, getNetworkType: { networkType: '4g' } }
const signed = {
  preVerifyJSAPI: said => ({
    kind: 'config', corpid: said.verifyAppId, timestamp: said.verifyTimestamp,
    nonceStr: said.verifyNonceStr, signature: said.verifySignature,
  }),
  agentConfig: said => ({
    kind: 'agent', corpid: said.corpid, agentid: said.agentid, timestamp: said.timestamp,
    nonceStr: said.nonceStr, signature: said.signature,
  }),
}
window.WeixinJSBridge = {
  on() {},
  async invoke(name, params, back) {
    window.asked.push({ name, params })
    let word = answers[name] ? 'ok' : 'function_not_exist'
    if (signed[name]) {
      const asked = new URLSearchParams({ url: location.href, ...signed[name](params) })
      const { errMsg } = await (await fetch(`VERIFIER/sandbox/verify-signature?${asked}`)).json()
      word = errMsg.slice(errMsg.indexOf(':') + 1)
    }
    setTimeout(() => back({ ...answers[name], err_msg: `${name}:${word}` }))
  },
}
"""

# open.dingtalk.com/document, "JSAPI". What both systems do; each is entered by a way of its own.
DINGTALK_HEARS = """
window.asked = []
const answers = {
  'device.geolocation.get': { ...HERE, netType: '4g', isFromMock: false, provider: 'gps' },
  'biz.navigation.setTitle': {},
  'biz.util.chooseImage': { filePaths: ['https://resource/1.image'] },
}
async function hear(name, params, ok, fail) {
  window.asked.push({ name, params })
  if (name === 'runtime.permission.requestJsApis') {
    const asked = new URLSearchParams({ ...params, url: location.href })
    const said = await (await fetch(`VERIFIER/sandbox/verify-signature?${asked}`)).json()
    if (said.ok) return ok({})
    return fail({ errorCode: String(said.errcode), errorMessage: said.errmsg })
  }
  if (name === 'biz.util.uploadFile' && window.appSends) return ok(await window.appSends(params))
  const answer = answers[name]
  setTimeout(() => (answer ? ok(answer) : fail({ errorCode: '1', errorMessage: 'no such api' })))
}
"""
DINGTALK = f"""{DINGTALK_HEARS}
const call = (ok, fail, service, action, params) =>
  hear(`${{service}}.${{action}}`, params, ok, fail)
window.nuva = {{ isReady: true, require: () => call }}
"""
DINGTALK_ON_IOS = f"""{DINGTALK_HEARS}
window.WebViewJavascriptBridge = {{
  init() {{}},
  registerHandler() {{}},
  callHandler(name, params, back) {{
    const ok = result => back({{ errorCode: '0', errorMessage: '', result }})
    hear(name, params, ok, back)
  }},
}}
"""


def put_into(bridge: str, *, verifier: str, here: str = "{}") -> str:
    """The script for a page whose host is pretended at `verifier` and whose phone is `here`."""
    return bridge.replace("VERIFIER", verifier).replace("HERE", here)
