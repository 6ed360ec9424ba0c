import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { me } from '../api/session'
import type { Me } from '../api/types'
import { useLogForm } from './useLogForm'

const sent: { path: string, body: unknown }[] = []

beforeEach(() => {
  localStorage.clear()
  sent.length = 0
  me.value = { csrf_token: 't' } as Me
  globalThis.fetch = async (path, init) => {
    sent.push({ path: String(path), body: JSON.parse(String(init?.body)) })
    return new Response('{"id":"v1"}', { headers: { 'content-type': 'application/json' } })
  }
})

describe('the shortest log', () => {
  it('is one tap and one sentence', async () => {
    const form = useLogForm('v1')
    form.result.value = 'progress'
    form.summary.value = '  同意上架新品  '
    await form.submit()
    expect(sent).toEqual([{
      path: '/api/v1/visits/v1/log',
      body: { result: 'progress', summary: '同意上架新品', next_action: '', next_action_on: null },
    }])
  })

  it.each([
    ['', '同意上架新品', true, false],
    ['progress', '谈妥了😀', false, true],
    ['progress', '    ', false, true],
  ])('asks for what is missing: result %j, summary %j', async (result, summary, noResult, tooShort) => {
    const form = useLogForm('v1')
    form.result.value = result
    form.summary.value = summary
    expect(await form.submit()).toBeNull()
    expect([form.resultMissing.value, form.summaryMissing.value]).toEqual([noResult, tooShort])
    expect(sent).toEqual([])
  })

  it('is still there after the page was left, and gone once it was sent', async () => {
    const left = useLogForm('v1')
    left.summary.value = '写到一半的句子'
    left.result.value = 'problem'
    await nextTick()
    const back = useLogForm('v1')
    expect([back.summary.value, back.result.value]).toEqual(['写到一半的句子', 'problem'])
    await back.submit()
    expect(useLogForm('v1').summary.value).toBe('')
    expect(useLogForm('v2').summary.value).toBe('')
  })
})
