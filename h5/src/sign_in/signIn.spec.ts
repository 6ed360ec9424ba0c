import { beforeEach, describe, expect, it, vi } from 'vitest'
import { leavesFor } from '../host/clients/person'

const ENTRY = {
  host: 'wecom', title: '企业微信', mode: 'redirect', corp_id: 'ww1', client_id: '', company: '甲',
  sign_in_url: 'https://crm.example/hosts/wecom/default/sign-in', web_sign_in: true, sandbox: false,
}
const IN_WECOM = 'Mozilla/5.0 (Linux; Android 13) wxwork/4.1.36 MicroMessenger/7.0.1'
const IN_DINGTALK = 'Mozilla/5.0 (Windows NT 10.0) DingTalk(7.6.0-Release)'
const AT_A_DESK = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36'

/** A server that knows nobody, and this way in. */
function serverOf(entry: object) {
  globalThis.fetch = async (path) => {
    const is_entry = String(path).startsWith('/api/v1/entry')
    return new Response(JSON.stringify(is_entry ? entry : { code: 'session_over' }), {
      status: is_entry ? 200 : 401, headers: { 'content-type': 'application/json' },
    })
  }
}

async function pageIn(agent: string, entry: Partial<typeof ENTRY> = {}) {
  vi.resetModules()
  Object.defineProperty(navigator, 'userAgent', { value: agent, configurable: true })
  const said = { ...ENTRY, ...entry }
  history.replaceState(null, '', `/h5/?host=${said.host}&connection=default`)
  serverOf(said)
  return { ...(await import('./signIn')), went: leavesFor() }
}

beforeEach(() => {
  vi.restoreAllMocks()
  localStorage.clear()
  sessionStorage.clear()
})

describe('inside the host\'s app', () => {
  it('goes to the host by itself, and back to the same page', async () => {
    const { ensureSignedIn, state, went } = await pageIn(IN_WECOM)
    expect(await ensureSignedIn('/visits')).toBe(false)
    expect(state.value).toBe('away')
    const query = new URL(went[0]!).searchParams
    expect([query.get('in_app'), query.get('next')]).toEqual(['1', '/h5/#/visits'])
  })

  it('does not turn in circles', async () => {
    const { ensureSignedIn, signInNow, state, went } = await pageIn(IN_WECOM)
    await ensureSignedIn('/today')
    await ensureSignedIn('/today')
    expect([state.value, went.length]).toEqual(['failed', 1])
    await signInNow('/today')
    expect([state.value, went.length]).toEqual(['away', 2])
  })

  it('counts as outside where the app gives no bridge', async () => {
    const entry = { host: 'dingtalk', mode: 'bridge' }
    const { ensureSignedIn, state } = await pageIn(IN_DINGTALK, entry)
    expect(await ensureSignedIn('/today')).toBe(false)
    expect(state.value).toBe('elsewhere')
  })
})

describe('in a browser at a desk', () => {
  it.each([
    ['wecom', 'redirect'], ['dingtalk', 'bridge'],
  ])('says where to open it, and waits for a press: %s', async (host, mode) => {
    const { ensureSignedIn, signInNow, state, entry, went } = await pageIn(AT_A_DESK, { host, mode })
    await ensureSignedIn('/today')
    expect([state.value, entry.value?.host, went]).toEqual(['elsewhere', host, []])
    await signInNow('/today')
    expect(state.value).toBe('away')
    expect(new URL(went[0]!).searchParams.get('in_app')).toBe('0')
  })

  it('sends nobody to a host that has no page for browsers', async () => {
    const { signInNow, state, went } = await pageIn(AT_A_DESK, { web_sign_in: false })
    await signInNow('/today')
    expect([state.value, went]).toEqual(['elsewhere', []])
  })

  it('is also the app of the other host', async () => {
    const { ensureSignedIn, state, went } = await pageIn(IN_DINGTALK, { host: 'wecom' })
    await ensureSignedIn('/today')
    expect([state.value, went]).toEqual(['elsewhere', []])
  })

  it('leads to the sign-in page when a session ends', async () => {
    const { signInAgain } = await pageIn(AT_A_DESK)
    location.hash = '#/customers'
    await signInAgain()
    expect(location.hash).toBe('#/sign-in?next=%2Fcustomers')
  })
})
