/** A kept moment as the input of the phone shows it, in the phone's zone: 2026-03-10T17:30. */
export function localMoment(kept: string): string {
  const moment = new Date(kept)
  if (Number.isNaN(moment.getTime())) return ''
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** What was picked on the phone, with its zone. */
export function sentMoment(picked: string): string | null {
  const moment = new Date(picked)
  return Number.isNaN(moment.getTime()) ? null : `${moment.toISOString().slice(0, 19)}Z`
}
