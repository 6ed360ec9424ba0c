import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, reactive } from 'vue'
import { isEnough, useSuspects } from './useSuspects'

const questions: string[] = []
let answers: ((body: unknown) => void)[] = []

beforeEach(() => {
  vi.useFakeTimers()
  questions.length = 0
  answers = []
  vi.stubGlobal('fetch', (_address: string, init: RequestInit) => {
    questions.push(JSON.parse(String(init.body)).name)
    return new Promise((resolve) => {
      answers.push((body) => resolve(Response.json(body)))
    })
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function typing() {
  const fields = reactive({ name: '' })
  const scope = effectScope()
  const found = scope.run(() => useSuspects(() => ({ name: fields.name, phones: [] })))!
  return { fields, scope, ...found }
}

const HUALIAN = { name: '华联超市', action: 'block', check: 'name' }

describe('what a new customer may be already', () => {
  it('is asked once, a moment after the last key', async () => {
    const { fields } = typing()
    for (const name of ['华', '华联', '华联超', '华联超市']) {
      fields.name = name
      await nextTick()
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(questions).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    expect(questions).toEqual(['华联超市'])
  })

  it('is that of the latest question, in whatever order the answers come', async () => {
    const { fields, suspects, isBlocked } = typing()
    fields.name = '华联'
    await vi.advanceTimersByTimeAsync(300)
    fields.name = '红星'
    await vi.advanceTimersByTimeAsync(300)
    answers[1]!({ suspects: [{ ...HUALIAN, name: '红星', action: 'warn' }] })
    await vi.waitFor(() => expect(suspects.value[0]?.name).toBe('红星'))
    answers[0]!({ suspects: [HUALIAN] })
    await vi.advanceTimersByTimeAsync(1000)
    expect(suspects.value[0]?.name).toBe('红星')
    expect(isBlocked.value).toBe(false)
  })

  it('is nothing once the name is taken back', async () => {
    const { fields, suspects } = typing()
    fields.name = '华联超市'
    await vi.advanceTimersByTimeAsync(300)
    answers[0]!({ suspects: [HUALIAN] })
    await vi.waitFor(() => expect(suspects.value).toHaveLength(1))
    fields.name = ''
    await nextTick()
    expect(suspects.value).toEqual([])
  })

  it('is not asked of less than would tell', () => {
    expect(isEnough({ name: '华' })).toBe(false)
    expect(isEnough({ name: 'kfc' })).toBe(false)
    expect(isEnough({ name: '', phones: ['138 001'] })).toBe(false)
    expect(isEnough({ name: '华联' })).toBe(true)
    expect(isEnough({ name: 'h l c s' })).toBe(true)
    expect(isEnough({ name: '', phones: ['138 0013'] })).toBe(true)
  })
})
