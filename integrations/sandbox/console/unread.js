// Which messages the person at the console has seen on whose phone. Kept in this browser.

import { isHolder, on, store } from './store.js'

const KEY = 'waiqin-sandbox-seen'

let seen = {} // 'host user_id' → id of the last line seen
let everything = 0 // lines up to here were there before the first visit

export function startUnread() {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null')
  const last = Math.max(0, ...store.lines.keys())
  // A server that was started again counts from one: what was seen then says nothing now.
  const usable = kept && Math.max(kept.everything, ...Object.values(kept.seen), 0) <= last
  if (usable) ({ seen, everything } = kept)
  else everything = last
  on('lines', look)
  on('screen', look)
  on('phone', look)
  look()
}

export function unread(host, userId) {
  const from = seen[`${host} ${userId}`] ?? everything
  let count = 0
  for (const line of store.lines.values()) {
    if (line.id > from && !line.mine && line.host === host && line.user_id === userId) count += 1
  }
  return count
}

/** The chat is open: what its holder received is seen. */
function look() {
  if (store.screen !== 'chat') return
  const { host, user_id } = store.phone
  for (const line of store.lines.values()) {
    if (isHolder(line.host, line.user_id))
      seen[`${host} ${user_id}`] = Math.max(line.id, seen[`${host} ${user_id}`] ?? 0)
  }
  localStorage.setItem(KEY, JSON.stringify({ seen, everything }))
}
