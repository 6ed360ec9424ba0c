// What the page knows: the state from the server, the chat lines, and who wants to hear of changes.

import { get, post } from './api.js'

export const store = {
  hosts: [],
  phone: {},
  places: [], // of the present host
  lines: new Map(), // id → line
  chosenPlace: -1, // index of the place that the shortcuts speak of
  screen: 'app', // what the phone shows: app, chat or agenda
  group: '', // the group whose chat is open, '' for the bot
}

const listeners = new Map()
let changes = 0 // of the phone, begun and done
let changing = Promise.resolve() // the last of them
let arriving = new Map() // lines from the stream since the last reading began

/** Topics: phone (with what it was before), city, hosts, lines (with the line), screen, place, language, did. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, [])
  listeners.get(topic).push(listener)
}

export function tell(topic, value) {
  for (const listener of listeners.get(topic) ?? []) listener(value)
}

/** Gives the phone as it was before. A change made while the answer was under way stays. */
export async function loadState() {
  const asked = changes
  const { hosts, phone } = await get('state')
  const before = store.phone
  Object.assign(store, { hosts }, asked === changes && { phone })
  takePlaces()
  return before
}

/** Each company has customers of its own, so the city changes with the host. */
function takePlaces() {
  store.places = presentHost()?.places ?? []
}

/** What arrives while the answer is under way is newer than the answer, and stays. */
export async function loadLines() {
  const arrived = (arriving = new Map())
  const lines = await get('lines')
  store.lines = new Map([...lines.map(line => [line.id, line]), ...arrived])
}

/** One change after the other: who presses a company and then a person gets that person there. */
export function changePhone(change) {
  const done = changing.then(() => putPhone(change))
  changing = done.catch(() => {})
  return done
}

async function putPhone(change) {
  changes += 1
  const phone = await post('phone', change)
  changes += 1
  const before = store.phone
  store.phone = phone
  takePlaces()
  tellOfPhone(before)
}

/** The phone is not what it was `before`: another host means another city. */
export function tellOfPhone(before) {
  if (before.host !== store.phone.host) tell('city')
  tell('phone', before)
}

export async function refreshHosts() {
  await loadState()
  tell('hosts')
}

export function keepLine(line) {
  const isNew = !store.lines.has(line.id)
  store.lines.set(line.id, line)
  arriving.set(line.id, line)
  tell('lines', { line, isNew })
}

export function show(screen) {
  store.screen = screen
  tell('screen')
}

export const hostOf = name => store.hosts.find(host => host.host === name)
export const presentHost = () => hostOf(store.phone.host)
export const personOf = (host, userId) =>
  hostOf(host)?.people.find(person => person.user_id === userId)
export const holder = () => personOf(store.phone.host, store.phone.user_id)
export const isHolder = (host, userId) =>
  store.phone.host === host && store.phone.user_id === userId
export const sameHolder = before => isHolder(before.host, before.user_id)
