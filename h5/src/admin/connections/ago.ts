import { t } from '../locales'

const MINUTE_MS = 60_000

/** "3 minutes ago", as coarse as somebody at a desk wants it. */
export function ago(moment: string | null, now = Date.now()): string {
  if (!moment) return t('never')
  const minutes = Math.floor((now - Date.parse(moment)) / MINUTE_MS)
  if (minutes < 1) return t('ago.now')
  if (minutes < 60) return t('ago.minutes', { count: minutes })
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? t('ago.hours', { count: hours }) : t('ago.days', { count: Math.floor(hours / 24) })
}
