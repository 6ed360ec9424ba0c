import { get, send } from '../../api/client'
import type { ApiToken, NewApiToken, NewWebhook, Webhook } from '../../api/types'

export interface Integrations {
  tokens: ApiToken[]
  webhooks: Webhook[]
}

export async function integrations(): Promise<Integrations> {
  const [tokens, webhooks] = await Promise.all([get('/api/v1/api-tokens'), get('/api/v1/webhooks')])
  return { tokens: tokens.rows, webhooks: webhooks.rows }
}

export function makeToken(body: NewApiToken, key: string) {
  return send('post', '/api/v1/api-tokens', { body, key })
}

export function revokeToken(token_id: string, key: string) {
  return send('delete', '/api/v1/api-tokens/{token_id}', { path: { token_id }, key })
}

export function makeWebhook(body: NewWebhook, key: string) {
  return send('post', '/api/v1/webhooks', { body, key })
}

export function rotateSecret(webhook_id: string, key: string) {
  return send('post', '/api/v1/webhooks/{webhook_id}/secret', { path: { webhook_id }, key })
}

export type WebhookVerb = 'ping' | 'pause' | 'resume' | 'remove' | 'replay'

/** A verb that needs nothing but a press. */
export async function press(verb: WebhookVerb, webhook_id: string, key: string): Promise<unknown> {
  const asked = { path: { webhook_id }, key }
  switch (verb) {
    case 'ping':
      return send('post', '/api/v1/webhooks/{webhook_id}/ping', asked)
    case 'pause':
      return send('post', '/api/v1/webhooks/{webhook_id}/pause', asked)
    case 'resume':
      return send('delete', '/api/v1/webhooks/{webhook_id}/pause', asked)
    case 'remove':
      return send('delete', '/api/v1/webhooks/{webhook_id}', asked)
    case 'replay':
      return send('post', '/api/v1/webhooks/{webhook_id}/replays', { ...asked, body: { delivered: false } })
  }
}

export function deliveries(webhook_id: string) {
  return get('/api/v1/webhooks/{webhook_id}/deliveries', { path: { webhook_id } })
}

export function replayOne(webhook_id: string, number: number, key: string) {
  const path = { webhook_id, number: String(number) }
  return send('post', '/api/v1/webhooks/{webhook_id}/deliveries/{number}/replay', { path, key })
}
