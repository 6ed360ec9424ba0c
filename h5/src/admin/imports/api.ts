import { get, send, bringFile } from '../../api/client'
import type { Import, ImportSettings, UndoForecast } from '../../api/types'

const READ_WITHIN_MS = 120_000

export function imports() {
  return get('/api/v1/imports')
}

export function bring(file: File, key: string): Promise<Import> {
  return bringFile('/api/v1/imports', file, { key, query: { name: file.name }, within_ms: READ_WITHIN_MS })
}

export function oneImport(import_id: string): Promise<Import> {
  return get('/api/v1/imports/{import_id}', { path: { import_id } })
}

export function settle(import_id: string, body: ImportSettings, key: string): Promise<Import> {
  return send('put', '/api/v1/imports/{import_id}', { path: { import_id }, body, key })
}

export type ImportVerb = 'check' | 'start' | 'cancel' | 'undo'

export function press(verb: ImportVerb, import_id: string, key: string): Promise<Import> {
  const asked = { path: { import_id }, key }
  switch (verb) {
    case 'check':
      return send('post', '/api/v1/imports/{import_id}/check', asked)
    case 'start':
      return send('post', '/api/v1/imports/{import_id}/start', asked)
    case 'cancel':
      return send('post', '/api/v1/imports/{import_id}/cancel', asked)
    case 'undo':
      return send('post', '/api/v1/imports/{import_id}/undo', asked)
  }
}

export function rowsNotTaken(import_id: string, after: number) {
  return get('/api/v1/imports/{import_id}/rows', { path: { import_id }, query: { after } })
}

export function forecast(import_id: string): Promise<UndoForecast> {
  return get('/api/v1/imports/{import_id}/undo', { path: { import_id } })
}
