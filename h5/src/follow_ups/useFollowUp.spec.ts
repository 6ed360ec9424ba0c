import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { FollowUp } from '../api/types'
import { useFollowUp } from './useFollowUp'

const answers: { path: string, body: Record<string, unknown>, key: string }[] = []
let isOffline = false

beforeEach(() => {
  answers.length = 0
  isOffline = false
  localStorage.clear()
  vi.stubGlobal('fetch', (path: string, sent: RequestInit) => {
    const headers = sent.headers as Record<string, string>
    answers.push({ path, body: JSON.parse(String(sent.body)), key: headers['Idempotency-Key'] ?? '' })
    if (isOffline) return Promise.reject(new TypeError('offline'))
    return Promise.resolve(new Response('{"id":"f1","counts":true}', {
      status: 201, headers: { 'content-type': 'application/json' },
    }))
  })
})

describe('a follow-up', () => {
  it('asks for a sentence or a duration, and sends nothing before', async () => {
    const { duration_s, missing, submit } = useFollowUp('c1')
    expect(await submit()).toBeNull()
    expect(missing.value).toBe(true)
    expect(answers).toEqual([])
    duration_s.value = 300
    expect(await submit()).toMatchObject({ id: 'f1' })
    expect(answers[0]?.body).toMatchObject({ channel: 'call', duration_s: 300, happened_at: null })
  })

  it('is the same request when it is tried again, with its moment and its key', async () => {
    const { summary, hours_ago, submit } = useFollowUp('c1')
    summary.value = '谈了续约'
    hours_ago.value = 2
    isOffline = true
    expect(await submit()).toBeNull()
    isOffline = false
    await submit()
    expect(answers[1]).toEqual(answers[0])
  })

  it('keeps what was typed until it is sent', async () => {
    useFollowUp('c1').summary.value = '写到一半'
    await Promise.resolve()
    const again = useFollowUp('c1')
    expect(again.summary.value).toBe('写到一半')
    await again.submit()
    expect(useFollowUp('c1').summary.value).toBe('')
  })

  it('sends no duration of a chat', async () => {
    const { channel, duration_s, was_answered, submit } = useFollowUp('c1')
    duration_s.value = 300
    channel.value = 'chat'
    was_answered.value = true
    await submit()
    expect(answers[0]?.body).toMatchObject({ channel: 'chat', duration_s: null, was_answered: true })
  })

  it('names whom it was with, and takes nobody away whom I am not shown', async () => {
    const { summary, contact_id, submit } = useFollowUp('c1')
    summary.value = '谈了续约'
    contact_id.value = 'k1'
    await submit()
    expect(answers[0]?.body).toMatchObject({ contact_id: 'k1' })
    const written = { id: 'f1', channel: 'note', summary: '写错了', contact_id: null } as FollowUp
    const again = useFollowUp('c1', written)
    await again.submit()
    expect(answers[1]?.body).not.toHaveProperty('contact_id')
    again.contact_id.value = 'k2'
    await again.submit()
    expect(answers[2]?.body).toMatchObject({ contact_id: 'k2' })
  })
})
