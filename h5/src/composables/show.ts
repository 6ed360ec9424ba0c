/** How figures, times and failures read (domain.md §1). */

import { Refused, Unreachable } from '../api/problem'
import { language, t } from '../locales'

// Business times are the company's, not the phone's, which may be set to anything.
let zone = 'Asia/Shanghai'

/** Show times in this zone from now on: the company's, known once somebody is signed in. */
export function setZone(of_company: string): void {
  zone = of_company
}

const MINUTE_MS = 60_000

/** "860 米" or "860 m" below one kilometre, "1.2 公里" or "1.2 km" from there on. */
export function distance(metres: number): string {
  if (Math.round(metres) < 1000) return t('unit.metres', { metres: Math.round(metres) })
  const kilometres = (metres / 1000).toFixed(metres < 10_000 ? 1 : 0)
  return t('unit.kilometres', { kilometres })
}

export function clock(moment: string): string {
  return inZone(moment, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

/** "3月10日 周二" or "Tue 10 Mar". */
export function day(date: string): string {
  const [year, month, of_month] = date.split('-').map(Number)
  const noon = new Date(Date.UTC(year ?? 1970, (month ?? 1) - 1, of_month ?? 1, 12))
  const in_words = (parts: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale(), { ...parts, timeZone: 'UTC' }).format(noon)
  return language.value === 'zh'
    ? `${in_words({ month: 'short', day: 'numeric' })} ${in_words({ weekday: 'short' })}`
    : in_words({ weekday: 'short', day: 'numeric', month: 'short' })
}

/** The day of a moment. */
export function dayOf(moment: string): string {
  return day(isoDay(moment))
}

/** The day of a moment, with its year: "2027-03-10". */
export function isoDay(moment: string): string {
  return new Date(midnight(Date.parse(moment))).toISOString().slice(0, 10)
}

/** The day of a moment, with its year where that is not this one. */
export function dayOfAnyYear(moment: string, now = Date.now()): string {
  const year = new Date(midnight(Date.parse(moment))).getUTCFullYear()
  if (year === new Date(midnight(now)).getUTCFullYear()) return dayOf(moment)
  return t('time.day_of_year', { year, day: dayOf(moment) })
}

export function dayAndClock(moment: string): string {
  return `${inZone(moment, { month: 'short', day: 'numeric' })} ${clock(moment)}`
}

/** Days since, in words: the last visit of a customer. */
export function daysAgo(moment: string, now = Date.now()): string {
  const days = Math.round((midnight(now) - midnight(Date.parse(moment))) / (24 * 60 * MINUTE_MS))
  if (days <= 0) return t('time.today')
  if (days === 1) return t('time.yesterday')
  return t('time.days_ago', { days })
}

/** "45 分钟" or "2 小时 5 分": how long somebody was there. */
export function duration(seconds: number): string {
  const minutes = Math.max(0, Math.floor(seconds / 60))
  if (minutes < 60) return t('time.minutes', { minutes })
  return t('time.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
}

/** `YYYY-MM-DD` of a day from today in the company's zone. */
export function dateAhead(days: number, now = Date.now()): string {
  return new Date(midnight(now) + days * 24 * 60 * MINUTE_MS).toISOString().slice(0, 10)
}

/** "12 KB" or "1.4 MB": how large a file is. */
export function bytes(count: number): string {
  return count < 1024 * 1024
    ? `${Math.max(1, Math.round(count / 1024))} KB`
    : `${(count / 1024 / 1024).toFixed(1)} MB`
}

/** The sentence of a failure, for the person in front of it. */
export function failureSentence(failure: unknown): string {
  if (failure instanceof Unreachable) return t('failure.unreachable')
  if (failure instanceof Refused && failure.detail) return failure.detail
  return t('failure.unknown')
}

/** The day of a moment in the company's zone, as UTC midnight in ms. */
function midnight(moment_ms: number): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit',
  }).format(moment_ms)
  return Date.parse(`${parts}T00:00:00Z`)
}

function inZone(moment: string, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), { ...parts, timeZone: zone }).format(new Date(moment))
}

function locale(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en-GB'
}
