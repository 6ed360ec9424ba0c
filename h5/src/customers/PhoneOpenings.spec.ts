import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { me } from '../api/session'
import type { Customer, Me } from '../api/types'
import PhoneOpenings from './PhoneOpenings.vue'

const WANG = { member: { id: 'wang', name: '王主管' }, at: '2026-03-10T02:30:00Z', via: 'bot' }
const customer = (owner: string, phone = '13800138000') =>
  ({ id: 'hualian', phone, contacts: [], owner: { id: owner, name: '' } }) as unknown as Customer

beforeEach(() => {
  me.value = { member_id: 'lilei', permissions: [] } as unknown as Me
  vi.stubGlobal('fetch', async () => Response.json({ openings: [WANG] }))
})
afterEach(() => {
  vi.unstubAllGlobals()
  me.value = null
})

const isOffered = (of: Customer) => mount(PhoneOpenings, { props: { customer: of } }).find('[data-test="openings"]').exists()

describe('who opened the phones of a customer', () => {
  it('is told to its owner', async () => {
    const log = mount(PhoneOpenings, { props: { customer: customer('lilei') }, global: { stubs: { transition: false } } })
    await log.find('[data-test="openings"]').trigger('click')
    await flushPromises()
    expect(log.find('[data-test="opening"]').text()).toContain('王主管')
    expect(log.find('[data-test="opening"]').text()).toContain('10:30 · 机器人')
  })

  it('is told to who may see the log, and to nobody else', () => {
    expect(isOffered(customer('hanmeimei'))).toBe(false)
    me.value = { member_id: 'lilei', permissions: ['customers.view_log'] } as unknown as Me
    expect(isOffered(customer('hanmeimei'))).toBe(true)
  })

  it('is no question where there is no phone', () => {
    expect(isOffered(customer('lilei', ''))).toBe(false)
  })
})
