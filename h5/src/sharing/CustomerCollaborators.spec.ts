import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { me } from '../api/session'
import type { Customer, Me } from '../api/types'
import CustomerCollaborators from './CustomerCollaborators.vue'

const LILEI = { member_id: 'lilei', name: '李雷', access: 'read' }
const HANMEIMEI = { member_id: 'hanmeimei', name: '韩梅梅', access: 'edit' }

const asked: string[] = []
let answer: object

beforeEach(() => {
  asked.length = 0
  me.value = { member_id: 'lilei', permissions: [] } as unknown as Me
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    asked.push(`${init.method} ${address} ${init.body ?? ''}`.trim())
    return Response.json(answer)
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  me.value = null
})

async function shown(collaborators: object[], may_share: boolean) {
  answer = { collaborators, may_share }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  const card = mount(CustomerCollaborators, {
    props: { customer: { id: 'hualian' } as Customer }, global: { plugins: [router] },
  })
  await flushPromises()
  return card
}

describe('the collaborators of a customer', () => {
  it('are changed by whoever may share', async () => {
    const card = await shown([LILEI, HANMEIMEI], true)
    const [first] = card.findAll('[data-test="collaborator"]')
    await first!.find('[data-test="access-read"]').trigger('click')
    expect(asked).toHaveLength(1) // it is so already
    await first!.find('[data-test="access-edit"]').trigger('click')
    expect(asked[1]).toContain('PUT')
    expect(asked[1]).toContain('/customers/hualian/collaborators/lilei {"access":"edit"}')
  })

  it('are only read by others, who may leave', async () => {
    const card = await shown([LILEI, HANMEIMEI], false)
    expect(card.text()).toContain('李雷（我）')
    expect(card.findAll('[data-test="end-sharing"]')).toHaveLength(1)
    expect(card.find('[data-test="access-edit"]').exists()).toBe(false)
    expect(card.find('[data-test="add-collaborator"]').exists()).toBe(false)
  })

  it('are not spoken of where there are none and none can be added', async () => {
    const card = await shown([], false)
    expect(card.find('[data-test="collaborators"]').exists()).toBe(false)
  })
})
