// A bot as the vendor's own package makes it. Says on standard output what happened, a JSON a line,
// does what standard input asks, and ends with it.
import { WSClient } from '@wecom/aibot-node-sdk'
import { createInterface } from 'node:readline'

const [wsUrl, botId, secret, heartbeat, reconnects] = process.argv.slice(2)
const tell = (what, facts = {}) => console.log(JSON.stringify({ what, ...facts }))
const quiet = () => {}
const client = new WSClient({
  wsUrl,
  botId,
  secret,
  heartbeatInterval: Number(heartbeat), // after two without an answer it leaves
  maxAuthFailureAttempts: 0,
  maxReconnectAttempts: Number(reconnects), // -1: for ever
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
})
const CARD = {
  card_type: 'button_interaction',
  main_title: { title: '华联超市' },
  task_id: 'task-1',
  button_list: [{ text: '看拜访', key: '看拜访 华联' }],
}

async function report(what, reply) {
  try {
    const { errcode, body } = await reply
    tell(what, { errcode, body })
  }
  catch (failure) {
    tell(what, { errcode: failure.errcode ?? -1, error: String(failure.errmsg ?? failure.message) })
  }
}

client.on('authenticated', () => tell('authenticated'))
client.on('error', failure => tell('error', { error: failure.message }))
client.on('event.disconnected_event', () => tell('given away'))
client.on('event.feedback_event', frame => tell('feedback', { body: frame.body }))
client.on('message.image', frame => tell('image', { body: frame.body }))
client.on('message.mixed', frame => tell('mixed', { body: frame.body }))
client.on('message.voice', frame => tell('voice', { body: frame.body }))
client.on('message.text', async (frame) => {
  const said = frame.body.text.content
  tell('text', { body: frame.body })
  if (said.includes('card')) return report('card', client.replyTemplateCard(frame, CARD))
  await report('piece', client.replyStream(frame, 'S1', '今天', false))
  await report('piece', client.replyStream(frame, 'S1', '今天有三家', false))
  await report('last', client.replyStream(frame, 'S1', '今天有三家：华联、红星、新华书店', true))
  await report('again', client.replyStream(frame, 'S2', '再说一遍', true))
})
client.on('event.enter_chat', frame =>
  report('welcomed', client.replyWelcome(frame, { msgtype: 'text', text: { content: '您好' } })))
client.on('event.template_card_event', (frame) => {
  const changed = { ...CARD, main_title: { title: '已处理' } }
  return report('changed', client.updateTemplateCard(frame, changed))
})

const orders = {
  send: order => report('sent', client.sendMessage(order.to, {
    msgtype: 'markdown',
    markdown: { content: order.text },
  })),
  upload: async () => {
    const media = await client.uploadMedia(Buffer.alloc(1_300_000, 7), { type: 'file', filename: '清单.pdf' })
    tell('uploaded', { media })
  },
}
createInterface({ input: process.stdin })
  .on('line', line => orders[JSON.parse(line).do](JSON.parse(line)))
  .on('close', () => {
    client.disconnect()
    process.exit(0)
  })
client.connect()
