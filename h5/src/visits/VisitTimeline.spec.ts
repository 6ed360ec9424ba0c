import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import type { Corroboration, Visit } from '../api/types'
import { language } from '../locales'
import VisitTimeline from './VisitTimeline.vue'

const FIX = { verdict: 'VERIFIED', distance_m: 12, accuracy_m: 20 }

function shown(corroborations: Partial<Corroboration>[]): string[] {
  const visit = {
    checked_in_at: '2026-03-10T06:30:00Z', checked_out_at: '2026-03-10T07:00:00Z',
    check_in: FIX, check_out: FIX, dwell_s: 1800, reason: '', photos: [], is_mine: false,
    corroborations,
  } as unknown as Visit
  const page = mount(VisitTimeline, { props: { visit }, global: { stubs: { VisitPhotos: true } } })
  return page.findAll('[data-test=recorded]').map(line => line.text())
}

const SIGN_IN: Corroboration = {
  host: 'dingtalk', end: 'check_in', at: '2026-03-10T06:32:00Z', kind: 'outside',
  place: '华联超市', distance_m: 40.2,
}

test('what the host recorded there is said beside the check-in', () => {
  expect(shown([SIGN_IN])).toEqual(['钉钉签到 14:32，相距 40 米'])
  expect(shown([{ ...SIGN_IN, host: 'wecom', end: 'check_out' }]))
    .toEqual(['企业微信外出打卡 14:32，相距 40 米'])
  expect(shown([])).toEqual([])
})

test('it is said in English too', () => {
  language.value = 'en'
  expect(shown([{ ...SIGN_IN, kind: 'office' }])).toEqual(['DingTalk punch 14:32, 40 m away'])
  language.value = 'zh'
})

test('a visit says that the customer was thought to be elsewhere then', () => {
  const visit = {
    checked_in_at: '2026-03-10T06:30:00Z', checked_out_at: null, photos: [], corroborations: [],
    check_in: { ...FIX, place_is_former: true }, check_out: null, dwell_s: null, reason: '', is_mine: false,
  } as unknown as Visit
  const page = mount(VisitTimeline, { props: { visit }, global: { stubs: { VisitPhotos: true } } })
  expect(page.get('[data-test=checked-in]').text()).toContain('按当时的客户位置判断')
})
