// Every sentence of the console, in Chinese and English.

const TEXTS = {
  'top.what': [
    '沙箱：一部手机、一个城市、一家公司，随便演',
    'Sandbox: one phone, one city, one company. Play any part',
  ],
  'host.wecom': ['企业微信', 'WeCom'],
  'host.dingtalk': ['钉钉', 'DingTalk'],
  'app.name': ['外勤助手', 'Field assistant'],
  'api.unreachable': [
    '沙箱没有应答，请确认服务还在运行',
    'The sandbox does not answer. Is the server still running?',
  ],
  'api.failed': ['没有成功，请再试一次', 'That did not work. Please try again'],

  'steps.title': ['一天五步', 'A day in five steps'],
  'steps.intro': [
    '左边选「我是谁」，右边选「我在哪里」，中间就是他手里的手机。下面五步做完，您就演完了外勤的一天；每做完一步会自己打勾。',
    'Choose who you are on the left and where you stand on the right; the phone in the middle is theirs. Do these five steps and you have lived a day in the field; each ticks itself off.',
  ],
  'steps.signIn': ['登录：在手机里打开应用', 'Sign in: open the app on the phone'],
  'steps.lookUp': [
    '查客户：搜 hlcs，或对机器人说「查 华联」',
    'Look up: search hlcs, or tell the bot 查 华联',
  ],
  'steps.checkIn': ['签到：走到门口，定位、拍照', 'Check in: walk to the door, position, photo'],
  'steps.log': ['写记录：签退并填两项', 'Log: check out and fill in two fields'],
  'steps.lead': ['主管收到消息：切换过去看看', 'The lead gets a message: become them and look'],
  'steps.done': [
    '一天演完了，换个人、换个平台再来一遍？',
    'Day done. Try another person or the other host?',
  ],
  'steps.hide': ['收起', 'Hide'],
  'steps.show': ['展开', 'Show'],
  'steps.again': ['重新开始', 'Start over'],

  'who.title': ['我是谁', 'Who am I'],
  'who.lead': ['主管', 'Lead'],
  'who.left': ['已离职', 'Left'],
  'who.toLead': ['切换到主管 {name}', 'Become the lead {name}'],
  'who.toTeam': ['切换到组员 {name}', 'Become team member {name}'],
  'who.unread': ['{count} 条未读', '{count} unread'],
  'who.holding': ['手机在他手里', 'Holds the phone'],

  'office.title': ['管理员动作', 'Administrator'],
  'office.hint': [
    '像在管理后台里一样调岗或离职，平台会把事件推给系统。',
    'Move someone or let them go as in the host’s console; the host pushes the real event.',
  ],
  'office.person': ['成员', 'Member'],
  'office.department': ['新部门', 'New department'],
  'office.move': ['调岗', 'Move'],
  'office.leave': ['离职', 'Leave'],
  'office.leaveSure': ['再按一次确认离职', 'Press again to confirm'],
  'office.moved': ['已调到新部门，事件已推送', 'Moved; the event was pushed'],
  'office.gone': ['已离职，事件已推送', 'Left; the event was pushed'],
  'office.notTaken': [
    '事件已推送，但系统没有接住（{status}）',
    'The event was pushed, but not accepted ({status})',
  ],

  'screen.app': ['应用', 'App'],
  'screen.chat': ['聊天', 'Chat'],
  'screen.agenda': ['日程', 'Agenda'],

  'agenda.schedule': ['日历', 'Calendar'],
  'agenda.todo': ['待办', 'To-do'],
  'agenda.wholeDay': ['全天', 'All day'],
  'agenda.due': ['{when} 截止', 'due {when}'],
  'agenda.done': ['已完成', 'Done'],
  'agenda.open': ['打开', 'Open'],
  'agenda.nothing': [
    '这里还没有日程和待办。应用要写进来，先用 waiqin host service 打开日历或待办服务。',
    'No schedule and no to-do yet. For the app to write here, switch its calendar or to-dos on: waiqin host service.',
  ],
  'phone.back': ['返回', 'Back'],
  'phone.close': ['关闭', 'Close'],
  'phone.reload': ['重新打开', 'Open again'],
  'phone.noH5': [
    '这个沙箱没有连接 H5 应用。用 waiqin demo 启动，手机里就会出现应用。',
    'No H5 app is connected to this sandbox. Start with waiqin demo and the app appears here.',
  ],
  'phone.offline': ['无网络', 'No network'],
  'phone.navigate': ['正在打开地图，导航到', 'Opening the map, navigating to'],
  'phone.calling': ['正在呼叫', 'Calling'],
  'phone.hangUp': ['挂断', 'Hang up'],
  'phone.elsewhere': [
    '这个链接会在手机的浏览器里打开：{url}',
    'This link would open in the phone’s browser: {url}',
  ],
  'phone.locating': ['正在定位…', 'Locating…'],
  'bridge.denied': ['没有定位权限', 'No permission to read the position'],
  'bridge.timeout': ['定位超时', 'The position took too long'],
  'bridge.cancelled': ['已取消', 'Cancelled'],
  'camera.title': ['拍照', 'Camera'],
  'camera.cancel': ['取消', 'Cancel'],
  'camera.shutter': ['按下快门', 'Take the photo'],

  'chat.empty': [
    '还没有消息。点下面的短语，或者说「帮助」。',
    'No messages yet. Press a phrase below, or say 帮助.',
  ],
  'chat.bot': ['机器人', 'Bot'],
  'chat.say': ['说点什么', 'Say something'],
  'chat.sayGroup': ['在群里 @机器人', 'Mention the bot in the group'],
  'chat.send': ['发送', 'Send'],
  'chat.opened': ['已打开', 'Opened'],
  'chat.details': ['查看详情', 'Details'],
  'chat.notTaken': [
    '没有送到系统（{status}），平台稍后会重试或放弃',
    'Not accepted by the system ({status})',
  ],
  'chat.lookUp': ['查 华联', '查 华联'],

  'where.title': ['我在哪里', 'Where am I'],
  'where.at': ['在「{name}」', 'at “{name}”'],
  'where.near': ['离「{name}」{distance}', '{distance} from “{name}”'],
  'where.free': ['随手点的位置', 'a free spot'],
  'where.hint': [
    '点地图走过去，滚轮缩放，按住空白处拖动',
    'Click to walk there, wheel to zoom, drag to pan',
  ],
  'where.door': ['站到门口', 'At the door'],
  'where.near300': ['300 米外', '300 m away'],
  'where.far': ['1.5 公里外', '1.5 km away'],
  'where.search': ['搜地点', 'Search places'],
  'where.none': ['没有这样的地点', 'No such place'],
  'where.in': ['放大', 'Zoom in'],
  'where.out': ['缩小', 'Zoom out'],
  'where.all': ['看全部', 'Show all'],

  'signal.accuracy': ['定位精度', 'Accuracy'],
  'signal.provider': ['定位方式', 'Source'],
  'signal.gps': ['卫星', 'Satellite'],
  'signal.wifi': ['Wi-Fi', 'Wi-Fi'],
  'signal.cell': ['基站', 'Cell'],
  'signal.mock': ['模拟定位', 'Mock position'],
  'signal.mockWecom': ['企业微信不告诉应用是否模拟', 'WeCom does not tell an app'],
  'signal.position': ['定位结果', 'Position'],
  'signal.ok': ['正常', 'Works'],
  'signal.denied': ['无权限', 'Denied'],
  'signal.timeout': ['超时', 'Times out'],
  'signal.network': ['手机网络', 'Phone network'],

  'feed.title': ['别人收到的', 'What others got'],
  'feed.empty': [
    '别人还没有收到消息。签到、写记录之后，主管会在这里收到。',
    'Nobody else got a message yet. Check in and log a visit, and the lead will.',
  ],
  'feed.group': ['群聊', 'Group'],
  'feed.look': ['去看看', 'Look'],

  'faults.title': ['平台故障', 'Host faults'],
  'faults.hint': [
    '让 {host} 像真的一样出问题，看系统怎么办。',
    'Let {host} fail the way the real one does, and watch.',
  ],
  'faults.down': ['平台断线', 'Host is down'],
  'faults.duplicate': ['每个事件推三遍', 'Push each event three times'],
  'faults.busy': ['限流 3 次', 'Rate limit ×3'],
  'faults.token_expired': ['令牌过期 1 次', 'Expired token ×1'],
  'faults.slow': ['慢 5 秒', 'Slow, 5 s'],
  'faults.lost_answer': ['丢一次答复', 'Lose one answer'],
  'faults.dropped': ['吞掉一条消息', 'Drop one message'],
  'faults.revoke': ['收回全部令牌', 'Revoke all tokens'],
  'faults.clear': ['全部恢复正常', 'Back to normal'],
  'faults.waiting': ['还会发生 {count} 次', '{count} still to happen'],
  'faults.fine': ['一切正常', 'All is well'],
  'faults.revoked': ['令牌已全部收回', 'All tokens are revoked'],

  'faults.untrusted_address': ['IP 不在白名单 1 次', 'Untrusted address ×1'],
  'faults.banned': ['封禁 3 次', 'Banned ×3'],
  'faults.push_late': ['推送晚 20 秒', 'One push 20 s late'],
  'faults.push_lost': ['漏推一次', 'Lose one push'],
  'faults.push_forged': ['错签名推一次', 'One forged push'],
  'faults.lines_cut': ['断开长连接', 'Cut the long connection'],
  'faults.lines_half_open': ['长连接假死', 'Freeze the long connection'],
  'faults.lines_ending': ['通知断开长连接', 'Announce its end'],
  'faults.storm': ['通讯录事件风暴', 'Storm of contact events'],
  'faults.done': ['已执行', 'Done'],
  'faults.chaos': ['随机故障', 'Random bad day'],
  'faults.file': ['按计划文件…', 'From a plan file…'],
  'faults.planned': ['故障计划进行中，已发生 {count} 次', 'A plan is running; {count} happened'],
  'faults.stop': ['停止计划', 'Stop the plan'],
  'faults.noPlan': ['这个文件不是 JSON', 'This file is not JSON'],

  'requests.title': ['接口日志', 'Requests'],
  'requests.filter': ['路径包含…', 'Path contains…'],
  'requests.refresh': ['刷新', 'Refresh'],
  'requests.empty': ['还没有请求', 'No requests yet'],
  'requests.asked': ['请求', 'Asked'],
  'requests.answered': ['答复', 'Answered'],

  'pane.phone': ['手机', 'Phone'],
  'pane.who': ['我是谁', 'Who'],
  'pane.where': ['在哪里', 'Where'],
  'pane.others': ['别人', 'Others'],

  'unit.m': ['{n} 米', '{n} m'],
  'unit.km': ['{n} 公里', '{n} km'],
}

let column = 0

export const language = () => (column === 0 ? 'zh' : 'en')

export function setLanguage(name) {
  column = name === 'en' ? 1 : 0
  document.documentElement.lang = column === 0 ? 'zh-CN' : 'en'
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t)
}

// The phones are in China, wherever the browser is.
const ZONE = { timeZone: 'Asia/Shanghai' }
const CLOCK = { ...ZONE, hour: '2-digit', minute: '2-digit', hour12: false }
const locale = () => (column === 0 ? 'zh-CN' : 'en-GB')

/** The hour and minute of a `Date` on these phones. */
export const clock = date => date.toLocaleTimeString(locale(), CLOCK)

/** Day and time of a `Date`, as a photo shows it. */
export const stamp = date => date.toLocaleString('zh-CN', { ...ZONE, hour12: false })

export const dayOf = date =>
  date.toLocaleDateString(locale(), { ...ZONE, month: 'long', day: 'numeric' })

/** The time of a message: with its day when that is not today. */
export const moment = date =>
  dayOf(date) === dayOf(new Date()) ? clock(date) : `${dayOf(date)} ${clock(date)}`

/** The sentence `key` in the present language, with `{name}` replaced by `facts.name`. */
export function t(key, facts = {}) {
  const sentence = TEXTS[key]?.[column] ?? key
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole)
}

export function distance(metres) {
  if (metres < 1000) return t('unit.m', { n: Math.round(metres) })
  return t('unit.km', { n: (metres / 1000).toFixed(metres < 10_000 ? 1 : 0) })
}
