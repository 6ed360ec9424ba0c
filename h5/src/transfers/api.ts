import { get, send } from '../api/client'
import type { Transfer, TransferAsk, TransferPeople, TransferPreview, Transfers } from '../api/types'

export function people(): Promise<TransferPeople> {
  return get('/api/v1/transfers/people', {})
}

/** A question: it needs no key, and its answer is not kept. */
export function previewOf(body: TransferAsk): Promise<TransferPreview> {
  return send('post', '/api/v1/transfers/preview', { body, key: '' })
}

export function transfer(body: TransferAsk & { count: number, reason: string }, key: string): Promise<Transfer> {
  return send('post', '/api/v1/transfers', { body, key })
}

export function transfers(): Promise<Transfers> {
  return get('/api/v1/transfers', {})
}

export function undo(transfer_id: string, key: string): Promise<Transfer> {
  return send('post', '/api/v1/transfers/{transfer_id}/undo', { path: { transfer_id }, key })
}
