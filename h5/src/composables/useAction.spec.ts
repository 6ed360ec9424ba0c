import { describe, expect, it } from 'vitest'
import { Refused, Unreachable } from '../api/problem'
import { useAction } from './useAction'

/** A server that fails with each of `failures` in turn, then answers. */
function server(...failures: unknown[]) {
  const keys: string[] = []
  const action = useAction(async (input: string, key: string) => {
    keys.push(key)
    if (failures.length) throw failures.shift()
    return input.toUpperCase()
  })
  return { action, keys }
}

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
})
