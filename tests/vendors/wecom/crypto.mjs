// Answers questions (a JSON list on standard input) with the vendor's own cryptography.
import { WecomCrypto } from '@wecom/aibot-node-sdk'
import { decrypt, encrypt, getJsApiSignature, getSignature } from '@wecom/crypto'
import { text } from 'node:stream/consumers'

const answers = {
  sign: ask => getSignature(ask.token, ask.timestamp, ask.nonce, ask.encrypted),
  open: ask => {
    const { message, id } = decrypt(ask.key, ask.encrypted)
    return { message, id }
  },
  seal: ask => encrypt(ask.key, ask.message, ask.id),
  page: ask => getJsApiSignature(ask).signature,
  botSeal: ask => new WecomCrypto(ask.token, ask.key, '').encrypt(ask.message, ask.timestamp, ask.nonce),
  botOpen: ask => {
    const bot = new WecomCrypto(ask.token, ask.key, '')
    if (!bot.verifySignature(ask.signature, ask.timestamp, ask.nonce, ask.encrypted)) return null
    return bot.decrypt(ask.encrypted)
  },
}

const asked = JSON.parse(await text(process.stdin))
console.log(JSON.stringify(asked.map(ask => answers[ask.what](ask))))
