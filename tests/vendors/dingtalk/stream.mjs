// An app as DingTalk's own Node package makes it. Says on standard output what it heard, a JSON a
// line, and ends with standard input. The first event is asked for again, as the package allows.
import axios from 'axios'
import { DWClient, EventAck, TOPIC_CARD, TOPIC_ROBOT } from 'dingtalk-stream'

const [host, clientId, clientSecret] = process.argv.slice(2)
const tell = (what, facts = {}) => process.stdout.write(JSON.stringify({ what, ...facts }) + '\n')
console.info = () => {}

// The package's addresses are constants; it asks through axios, so that is where they are turned.
axios.interceptors.request.use((request) => {
  request.url = request.url.replace(/^https:\/\/o?api\.dingtalk\.com/, host)
  request.proxy = false
  return request
})

const client = new DWClient({ clientId, clientSecret })
let events = 0
client.registerAllEventListener((frame) => {
  tell('event', { headers: frame.headers, data: JSON.parse(frame.data) })
  events += 1
  return { status: events === 1 ? EventAck.LATER : EventAck.SUCCESS, message: 'from Node' }
})
client.registerCallbackListener(TOPIC_ROBOT, async (frame) => {
  const said = JSON.parse(frame.data)
  tell('message', { said })
  const text = { content: `收到：${said.text.content}` }
  const answer = await axios.post(said.sessionWebhook, { msgtype: 'text', text })
  client.socketCallBackResponse(frame.headers.messageId, answer.data)
})
client.registerCallbackListener(TOPIC_CARD, (frame) => {
  const press = JSON.parse(frame.data)
  tell('press', { press, content: JSON.parse(press.content) })
  client.socketCallBackResponse(frame.headers.messageId, {
    cardUpdateOptions: { updateCardDataByKey: true },
    cardData: { cardParamMap: { body: '已确认' } },
  })
})
tell('token', { token: await client.getAccessToken() })
await client.connect()
tell('connected')
process.stdin.resume().on('end', () => process.exit(0))
