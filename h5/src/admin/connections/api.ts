import { get, send } from '../../api/client'
import type { Connections, Finding, SyncReport } from '../../api/types'

export function connections(): Promise<Connections> {
  return get('/api/v1/connections')
}

export async function check(connection_id: string, key: string): Promise<Finding[]> {
  const path = { connection_id }
  return (await send('post', '/api/v1/connections/{connection_id}/check', { path, key, within_ms: 60_000 })).findings
}

export type Plain = 'resume' | 'sync' | 'retry_events' | 'retry_messages'

/** A verb that needs nothing but a press. Answers how many rows it was about. */
export async function press(verb: Plain, connection_id: string, key: string): Promise<number> {
  const asked = { path: { connection_id }, key }
  switch (verb) {
    case 'resume':
      return (await send('post', '/api/v1/connections/{connection_id}/resume', asked)).count
    case 'sync':
      return (await send('post', '/api/v1/connections/{connection_id}/sync', asked)).count
    case 'retry_events':
      return (await send('post', '/api/v1/connections/{connection_id}/retry-events', asked)).count
    case 'retry_messages':
      return (await send('post', '/api/v1/connections/{connection_id}/retry-messages', asked)).count
  }
}

export function confirmSync(connection_id: string, run_id: string, key: string) {
  const path = { connection_id }
  return send('post', '/api/v1/connections/{connection_id}/confirm-sync', { path, key, body: { run_id } })
}

export function replaceCredentials(
  connection_id: string, credentials: Record<string, string>, key: string,
) {
  const path = { connection_id }
  const body = { credentials }
  return send('put', '/api/v1/connections/{connection_id}/credentials', { path, key, body })
}

export function switchService(connection_id: string, service: string, on: boolean, key: string) {
  const path = { connection_id, service }
  return send('put', '/api/v1/connections/{connection_id}/services/{service}', { path, key, body: { on } })
}

export function syncReport(connection_id: string, run_id: string): Promise<SyncReport> {
  return get('/api/v1/connections/{connection_id}/syncs/{run_id}', { path: { connection_id, run_id } })
}
