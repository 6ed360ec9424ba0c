import { get, send } from '../api/client'
import type { Export, Exports, NewExport } from '../api/types'

export function exportsOfMine(): Promise<Exports> {
  return get('/api/v1/exports', {})
}

export function askForExport(body: NewExport, key: string): Promise<Export> {
  return send('post', '/api/v1/exports', { body, key })
}
