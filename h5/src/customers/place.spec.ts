import { expect, test } from 'vitest'
import type { Door } from '../api/types'
import { standing } from './place'

const NEEDS = { check_ins: 3, days: 2 }
const AT = { proposed_at: '2026-03-10T06:30:00Z', proposed_by_name: '李雷' }
const CONFIRMED = { ...AT, confirmed_at: '2026-03-10T06:30:00Z', confirmed_by_name: '王主管' }

const said = (door: object) => standing(door as Door, NEEDS)

test('a place that nobody confirmed says how many agree and how many are needed', () => {
  expect(said({ ...AT, check_ins: 1 }))
    .toBe('已有 1 次签到相符；满 3 次（不少于 2 天）自动确认，也可由主管确认。')
})

test('a confirmed one says by whom or what, and on how many check-ins it rests', () => {
  expect(said({ ...CONFIRMED, confirmed_how: 'lead', check_ins: 0 })).toMatch(/^王主管 于 .+ 确认。$/)
  expect(said({ ...CONFIRMED, confirmed_how: 'lead', check_ins: 4 })).toMatch(/确认，依据 4 次签到。$/)
  expect(said({ ...CONFIRMED, confirmed_how: 'check_ins', check_ins: 3 })).toMatch(/由 3 次相符的签到自动确认。$/)
  expect(said({ ...CONFIRMED, confirmed_how: 'moved', check_ins: 3 })).toMatch(/按 3 次相符的签到自动校正。$/)
})

test('one that would replace another says who waits for whom', () => {
  expect(said({ ...AT, replaces_id: '1', check_ins: 0 })).toBe('李雷提交了新的位置，等主管核对。')
  expect(said({ ...AT, replaces_id: '1', proposed_by_name: '', check_ins: 3 }))
    .toBe('有 3 次签到一致落在另一处，等主管核对。')
})
