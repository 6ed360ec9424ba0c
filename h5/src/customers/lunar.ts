/** The names of months and days, as a birthday is said in either calendar. */

const MONTHS = ['正月', '二月', '三月', '四月', '五月', '六月', '七月', '八月', '九月', '十月', '冬月', '腊月']
const DIGITS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十']
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const LONGEST = 30

type Calendar = 'solar' | 'lunar'

export function monthNames(calendar: Calendar): string[] {
  return calendar === 'lunar' ? MONTHS : LENGTHS.map((_, at) => `${at + 1} 月`)
}

/** Of a lunar month all thirty: whether it has the last one depends on the year. */
export function dayNames(calendar: Calendar, month: number): string[] {
  const count = calendar === 'lunar' ? LONGEST : LENGTHS[month - 1] ?? LONGEST
  return Array.from({ length: count }, (_, at) => calendar === 'lunar' ? lunarDay(at + 1) : `${at + 1} 日`)
}

export function lunarDay(day: number): string {
  const digit = DIGITS[(day - 1) % 10]
  if (day <= 10) return `初${digit}`
  if (day < 20) return `十${digit}`
  if (day === 20) return '二十'
  return day === 30 ? '三十' : `廿${digit}`
}
