import { describe, expect, it } from 'vitest'
import type { TimelineEntry } from '../api/types'
import { zh } from '../locales/zh'
import { FILTERS, LOOKS } from './kinds'
import { byDay } from './useTimeline'
import { byWhom, facts, fieldName, headline, value } from './wording'

const NOTHING: TimelineEntry = {
  id: 'change-1', kind: 'change', at: '2026-03-10T01:30:00Z', by_id: 'l', by_name: '李雷', via: 'h5',
  action: 'customer.edited', changes: [], visit: null, follow_up: null, plan: null, comment: null,
  attachment: null, other: null, is_of_merged: false,
}

describe('the words of a timeline', () => {
  it.each([
    [{}, '修改资料'],
    [{ action: 'something.new' }, '资料有变更'],
    [{ kind: 'ownership', action: 'customer.recycled' }, '回收到公海'],
    [{ kind: 'plan', plan: { state: 'missed' } }, '计划未拜访'],
    [{ kind: 'follow_up', follow_up: { channel: 'chat' } }, '聊天'],
  ])('%j is called %s', (part, expected) => {
    expect(headline({ ...NOTHING, ...part } as TimelineEntry)).toBe(expected)
  })

  it.each([
    ['李雷', 'l', 'h5', '李雷'],
    ['李雷', 'l', 'bot', '李雷 · 机器人'],
    ['', null, 'worker', '系统'],
    ['', 'gone', 'h5', '已离开的成员'],
    ['ERP', 't', 'api', 'ERP · 接口'],
  ])('%s (%s) through %s is %s', (by_name, by_id, via, expected) => {
    expect(byWhom({ by_name, by_id, via })).toBe(expected)
  })

  it('says stages, roles and yes in words, and a level as it is', () => {
    expect(value({ field: 'lifecycle_stage' }, 'won')).toBe('成交')
    expect(value({ field: 'reason' }, 'no_follow_up')).toBe('太久没有有效跟进')
    expect(value({ field: 'reason' }, '老板出差')).toBe('老板出差')
    expect(value({ field: 'reason' }, 'territory:汉口:北')).toBe('片区 · 汉口:北')
    expect(value({ field: 'reason' }, '说明:老板出差')).toBe('说明:老板出差')
    expect(value({ field: 'is_branch' }, true)).toBe('是')
    expect(value({ field: 'level' }, 'A')).toBe('A')
    expect(value({ field: 'note' }, null)).toBe('')
    expect(fieldName('never_heard_of')).toBe('其他信息')
  })

  it('tells how long a call was and with whom', () => {
    const follow_up = { channel: 'call', duration_s: 300, contact_name: '张老板', result: '' }
    expect(facts({ ...NOTHING, follow_up } as TimelineEntry)).toBe('5 分钟 · 与张老板')
  })

  it('has a chip or all for every kind, and a look', () => {
    const filtered = FILTERS.flatMap(one => one.kinds)
    expect(new Set(filtered)).toEqual(new Set(Object.keys(LOOKS)))
    for (const { label } of FILTERS) expect(label in zh).toBe(true)
  })

  it('says the year of a day that is not of this one', () => {
    const [day] = byDay([Object.assign({}, NOTHING, { at: '2024-09-06T01:00:00Z' })])
    expect(day?.day).toBe('2024年9月6日 周五')
  })

  it('puts what happened on one day of the company together', () => {
    const ats = ['2026-03-10T16:30:00Z', '2026-03-10T15:30:00Z', '2026-03-10T01:00:00Z']
    const days = byDay(ats.map(at => Object.assign({}, NOTHING, { at })))
    expect(days.map(day => day.entries.length)).toEqual([1, 2])
  })
})
