import { describe, expect, it } from 'vitest'
import { asFix } from './dingtalk'

type Answer = Parameters<typeof asFix>[0]

describe('a position from DingTalk', () => {
  it('is GCJ-02 with numbers, whatever the client sends', () => {
    const answer = { latitude: '30.59', longitude: '114.30', accuracy: '35' } as unknown as Answer
    expect(asFix(answer)).toMatchObject({ lat: 30.59, lng: 114.3, datum: 'GCJ02', accuracy_m: 35 })
  })

  it('is read from under `location`, where very old clients put it', () => {
    const answer = { location: { latitude: 30.59, longitude: 114.3 } } as unknown as Answer
    expect(asFix(answer)).toMatchObject({ lat: 30.59, accuracy_m: null })
  })

  it('carries the mock flag and the provider in our words', () => {
    const answer = { latitude: 1, longitude: 2, isFromMock: true, provider: 'lbs' } as Answer
    expect(asFix(answer)).toMatchObject({ is_mock: true, provider: 'cell' })
  })

  it('says nothing about mocking where the phone says nothing', () => {
    expect(asFix({ latitude: 1, longitude: 2 } as Answer).is_mock).toBeNull()
  })
})
