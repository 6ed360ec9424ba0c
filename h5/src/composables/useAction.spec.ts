import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Refused, Unreachable } from '../api/problem'
import { useAction } from './useAction'

/** A server that fails with each of `failures` in turn, then answers. */
function server(...failures: unknown[]) {
  const keys: string[] = []
  const perform = async (input: string, key: string) => {
    keys.push(key)
    if (failures.length) throw failures.shift()
    return input.toUpperCase()
  }
  return { action: useAction(perform), keys, opened: () => useAction(perform, 'a_page') }
}

beforeEach(() => localStorage.clear())

describe('one write', () => {
  it('is sent once when pressed twice', async () => {
    const { action, keys } = server()
    const [first, second] = await Promise.all([action.run('a'), action.run('a')])
    expect([first, second, keys.length]).toEqual(['A', null, 1])
  })

  it('keeps its key and its content when no answer came', async () => {
    const { action, keys } = server(new Unreachable('gone'))
    expect(await action.run('a')).toBeNull()
    expect(action.state.value).toBe('unsent')
    expect(await action.again()).toBe('A')
    expect(keys[0]).toBe(keys[1])
  })

  it('keeps its key when the server was busy', async () => {
    const { action, keys } = server(new Refused(503, {}))
    await action.run('a')
    await action.run('a')
    expect(new Set(keys).size).toBe(1)
  })

  it('is another write once the person has changed it', async () => {
    const { action, keys } = server(new Unreachable('gone'))
    await action.run('a')
    expect(await action.run('b')).toBe('B')
    expect(new Set(keys).size).toBe(2)
  })

  it('is another write after a refusal, which was an answer', async () => {
    const { action, keys } = server(new Refused(409, { code: 'visit_still_open' }))
    await action.run('a')
    expect(action.state.value).toBe('refused')
    await action.run('a')
    expect(new Set(keys).size).toBe(2)
  })

  it('is sent once when the second press comes just after the answer, and again when meant', async () => {
    vi.useFakeTimers()
    const { action, keys } = server()
    await action.run('a')
    expect(await action.run('a')).toBeNull()
    expect(await action.run('b')).toBe('B')
    expect(await action.run('a')).toBe('A')
    vi.advanceTimersByTime(1000)
    expect(await action.run('a')).toBe('A')
    expect(new Set(keys).size).toBe(4)
    vi.useRealTimers()
  })

  it('is the same request on a page that was opened anew before an answer came', async () => {
    const { keys, opened } = server(new Unreachable('gone'))
    expect(opened().kept).toBeNull()
    await opened().run('a')
    const anew = opened()
    expect([anew.state.value, anew.kept]).toEqual(['unsent', 'a'])
    expect(await anew.run('a')).toBe('A')
    expect(keys[0]).toBe(keys[1])
    expect(opened().state.value).toBe('idle')
  })

  it('is forgotten by the phone once it was refused, or after a day', async () => {
    const { opened } = server(new Refused(409, {}), new Unreachable('gone'))
    await opened().run('a')
    expect(opened().kept).toBeNull()
    await opened().run('b')
    vi.useFakeTimers({ now: Date.now() + 25 * 60 * 60 * 1000 })
    expect(opened().kept).toBeNull()
    vi.useRealTimers()
  })
})
