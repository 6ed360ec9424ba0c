/** The names of months and days, as a birthday is said in either calendar. */

import { t } from '../locales'

const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const LONGEST = 30

type Calendar = 'solar' | 'lunar'

export function monthNames(calendar: Calendar): string[] {
  return t(calendar === 'lunar' ? 'person.lunar_months' : 'person.solar_months').split(' ')
}

/** Of a lunar month all thirty: whether it has the last one depends on the year. */
export function dayNames(calendar: Calendar, month: number): string[] {
  if (calendar === 'lunar')
    return t('person.lunar_days').split(' ')
  return Array.from({ length: LENGTHS[month - 1] ?? LONGEST }, (_, at) => t('person.solar_day', { day: at + 1 }))
}
