"""What the hosts' apps put into a page, in JavaScript: just enough for their own scripts to work.

Each records what it was asked in `window.asked`. `HERE` is replaced by the position that it gives.
"""

WECOM_AGENT = (
    "Mozilla/5.0 (Linux; Android 13; V2217A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36"
    " wxwork/4.1.36 MicroMessenger/7.0.1"
)
DINGTALK_AGENT = (
    "Mozilla/5.0 (Linux; Android 13; V2217A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36"
    " AliApp(DingTalk/7.6.0)"
)

# developer.work.weixin.qq.com/document/path/94313
WECOM = """
window.asked = []
const answers = { preVerifyJSAPI: {}, geoLocation: HERE, getNetworkType: { networkType: '4g' } }
window.WeixinJSBridge = {
  on() {},
  invoke(name, params, back) {
    window.asked.push({ name, params })
    const answer = answers[name]
    const word = answer ? 'ok' : 'function_not_exist'
    setTimeout(() => back({ ...answer, err_msg: `${name}:${word}` }))
  },
}
"""

# open.dingtalk.com/document, "JSAPI"
DINGTALK = """
window.asked = []
const answers = {
  'runtime.permission.requestJsApis': {},
  'device.geolocation.get': { ...HERE, netType: '4g', isFromMock: false, provider: 'gps' },
  'biz.navigation.setTitle': {},
}
const call = (ok, fail, service, action, params) => {
  const name = `${service}.${action}`
  window.asked.push({ name, params })
  const answer = answers[name]
  setTimeout(() => (answer ? ok(answer) : fail({ errorCode: '1', errorMessage: 'no such api' })))
}
window.nuva = { isReady: true, require: () => call }
"""
