/** From a page that nobody is signed in to, to a member: the host's way, at most once by itself. */

import { ref, shallowRef } from 'vue'
import { Refused } from '../api/problem'
import { me } from '../api/session'
import type { Entry, Me } from '../api/types'
import { followNetwork } from '../composables/useOnline'
import { connectHost, host, HostRefused, isInApp } from '../host'
import { whereAmI, type Where } from '../host/which'
import { setZone } from '../composables/show'
import { setLanguage } from '../locales'
import { beginSession, endSession, entryOf, signPage, whoAmI } from './api'

/**
 * `away`: the page has been sent to the host. `elsewhere`: outside of the host's app, where people
 * sign in by a press; or a plain browser that was never told which host it belongs to.
 */
export type SignInState = 'checking' | 'away' | 'failed' | 'elsewhere' | 'signed_in'

export const state = ref<SignInState>('checking')
export const failure = shallowRef<unknown>(null)
export const entry = shallowRef<Entry | null>(null)

const WENT_AT = 'waiqin.went_to_host_at'
const NOT_AGAIN_WITHIN_MS = 20_000

let running: Promise<boolean> | null = null

/** True when somebody is signed in. `next` is the page to come back to, e.g. `/today`. */
export function ensureSignedIn(next: string): Promise<boolean> {
  return begin(next, false)
}

/** A press on "sign in": goes to the host even if that was just tried. */
export function signInNow(next: string): Promise<boolean> {
  sessionStorage.removeItem(WENT_AT)
  return begin(next, true)
}

function begin(next: string, is_pressed: boolean): Promise<boolean> {
  if (me.value) return Promise.resolve(true)
  running ??= settle(next, is_pressed).finally(() => (running = null))
  return running
}

/** The session has ended under a page that is in use: sign in again, back to the same page. */
export async function signInAgain(): Promise<void> {
  me.value = null
  const next = location.hash.slice(1) || '/today'
  if (await ensureSignedIn(next)) return
  // Gone to the host: what was asked for stays unanswered, and the page loads anew.
  if (state.value === 'away') await new Promise(() => undefined)
  location.hash = `#/sign-in?next=${encodeURIComponent(next)}`
}

export async function signOut(): Promise<void> {
  await endSession()
  me.value = null
}

async function settle(next: string, is_pressed: boolean): Promise<boolean> {
  state.value = 'checking'
  failure.value = null
  try {
    const where = whereAmI()
    const [known, way_in] = await Promise.all([alreadySignedIn(where), wayIn(where)])
    entry.value = way_in
    const door = known ?? way_in
    if (!door) return stopAt('elsewhere')
    await connect({ host: door.host, sandbox: door.sandbox, corp_id: way_in?.corp_id ?? '' })
    if (known) return arrive(known)
    if (!way_in) return stopAt('elsewhere')
    return isInApp(where, way_in)
      ? await enter(where, way_in, next)
      : enterByWeb(way_in, next, is_pressed)
  }
  catch (problem) {
    failure.value = problem
    return stopAt('failed')
  }
}

/** The member of the cookie, if it is for this host; a session of another host is ended. */
async function alreadySignedIn(where: Where): Promise<Me | null> {
  const is_fresh_wanted = askedForFresh()
  if (is_fresh_wanted) sessionStorage.removeItem(WENT_AT)
  try {
    const known = await whoAmI()
    const is_elsewhere = where.host !== ''
      && (known.host !== where.host || known.connection !== where.connection)
    if (!is_elsewhere && !is_fresh_wanted) return known
    me.value = known // for its token: ending a session is a write
    await signOut()
    return null
  }
  catch (problem) {
    me.value = null
    if (problem instanceof Refused && problem.status === 401) return null
    throw problem
  }
}

async function wayIn(where: Where): Promise<Entry | null> {
  return where.host ? entryOf(where) : null
}

async function enter(where: Where, way_in: Entry, next: string): Promise<boolean> {
  if (way_in.mode === 'redirect') return goToHost(way_in, next, true)
  try {
    const code = await host().authCode(way_in.corp_id, way_in.client_id)
    return arrive(await beginSession(where, code))
  }
  catch (problem) {
    // A window of the host's app without its bridge is as good as a browser.
    if (problem instanceof HostRefused && problem.reason === 'missing') return stopAt('elsewhere')
    throw problem
  }
}

/** Not without a press: somebody at a desk is first told that the app would be the better place. */
function enterByWeb(way_in: Entry, next: string, is_pressed: boolean): boolean {
  if (!is_pressed || !way_in.web_sign_in) return stopAt('elsewhere')
  return goToHost(way_in, next, false)
}

function goToHost(way_in: Entry, next: string, is_in_app: boolean): boolean {
  const went_at = Number(sessionStorage.getItem(WENT_AT) ?? 0)
  // Back from there and still nobody: going again would turn in circles.
  if (Date.now() - went_at < NOT_AGAIN_WITHIN_MS) return stopAt('failed')
  sessionStorage.setItem(WENT_AT, String(Date.now()))
  const back_to = `${location.pathname}#${next}`
  const query = new URLSearchParams({ in_app: is_in_app ? '1' : '0', next: back_to })
  location.href = `${way_in.sign_in_url}?${query}`
  return stopAt('away')
}

function arrive(member: Me): boolean {
  me.value = member
  setLanguage(member.language)
  if (member.zone) setZone(member.zone)
  sessionStorage.removeItem(WENT_AT)
  state.value = 'signed_in'
  return true
}

function stopAt(reached: SignInState): boolean {
  state.value = reached
  return false
}

let is_connected = false

async function connect(door: Parameters<typeof connectHost>[0]): Promise<void> {
  if (is_connected) return
  await connectHost(door, signPage)
  followNetwork()
  is_connected = true
}

/** `?sign_in=fresh` asks for a new session, once: it is then taken out of the address. */
function askedForFresh(): boolean {
  const address = new URL(location.href)
  if (address.searchParams.get('sign_in') !== 'fresh') return false
  address.searchParams.delete('sign_in')
  history.replaceState(history.state, '', address)
  return true
}
