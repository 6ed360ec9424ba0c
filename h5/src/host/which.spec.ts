import { beforeEach, describe, expect, it } from 'vitest'
import { hostOf, whereAmI } from './which'

const WECOM = 'Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.36'
const DINGTALK = 'Mozilla/5.0 (Linux; Android 13) AliApp(DingTalk/7.6.0)'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', '/h5/')
})

describe('which host this is', () => {
  it.each([
    [WECOM, 'wecom'],
    [DINGTALK, 'dingtalk'],
    ['Mozilla/5.0 MicroMessenger/8.0', ''],
    ['Mozilla/5.0 Chrome/156', ''],
  ])('reads %s as %j', (agent, host) => {
    expect(hostOf(agent)).toBe(host)
  })

  it('believes the address and remembers it', () => {
    history.replaceState(null, '', '/h5/?host=wecom&connection=demo')
    expect(whereAmI()).toEqual({ host: 'wecom', connection: 'demo' })
    history.replaceState(null, '', '/h5/')
    expect(whereAmI()).toEqual({ host: 'wecom', connection: 'demo' })
  })

  it('ignores a host that we do not speak to, and storage that somebody broke', () => {
    localStorage.setItem('waiqin.where', '{"host":')
    history.replaceState(null, '', '/h5/?host=evil')
    expect(whereAmI()).toEqual({ host: '', connection: 'default' })
  })
})
