import { describe, expect, it } from 'vitest'
import { useEndlessList } from './useEndlessList'

interface Page { rows: string[], next: number | null }

/** A server whose answers come when the test says so, in any order. */
function slowServer() {
  const open: { cursor: number | null, answer: (page: Page) => void, fail: () => void }[] = []
  const list = useEndlessList<string, number>(
    cursor => new Promise((answer, fail) => open.push({ cursor, answer, fail: () => fail(new Error('gone')) })),
  )
  return { list, open }
}

describe('a list that grows', () => {
  it('shows the newest question’s answer, even when an older one comes later', async () => {
    const { list, open } = slowServer()
    const older = list.start()
    const newer = list.start()
    open[1]!.answer({ rows: ['new'], next: null })
    open[0]!.answer({ rows: ['old'], next: null })
    await Promise.all([older, newer])
    expect(list.rows.value).toEqual(['new'])
  })

  it('adds the next rows and stops at the end', async () => {
    const { list, open } = slowServer()
    const started = list.start()
    open[0]!.answer({ rows: ['a'], next: 2 })
    await started
    const grown = list.grow()
    expect(open[1]!.cursor).toBe(2)
    open[1]!.answer({ rows: ['b'], next: null })
    await grown
    await list.grow()
    expect([list.rows.value, list.more.value, open.length]).toEqual([['a', 'b'], false, 2])
  })

  it('drops rows that belong to an older question', async () => {
    const { list, open } = slowServer()
    const started = list.start()
    open[0]!.answer({ rows: ['a'], next: 2 })
    await started
    const grown = list.grow()
    const again = list.start()
    open[2]!.answer({ rows: ['x'], next: null })
    open[1]!.answer({ rows: ['b'], next: 3 })
    await Promise.all([grown, again])
    expect(list.rows.value).toEqual(['x'])
  })

  it('keeps what it has when growing fails, and can be asked again', async () => {
    const { list, open } = slowServer()
    const started = list.start()
    open[0]!.answer({ rows: ['a'], next: 2 })
    await started
    const grown = list.grow()
    open[1]!.fail()
    await grown
    expect([list.rows.value, list.growing.value, list.more.value]).toEqual([['a'], 'failed', true])
  })
})
