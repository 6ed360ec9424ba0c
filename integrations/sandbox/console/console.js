// The console: a phone, a city and a company to play with. Here its parts are put together.

import { buildAgenda } from './agenda.js'
import { events } from './api.js'
import { buildBelow } from './below.js'
import { answerCalls } from './bridge.js'
import { buildChat } from './chat.js'
import { byId, el } from './dom.js'
import { keepNetwork } from './network.js'
import { buildPeople } from './people.js'
import { buildPhone } from './phone.js'
import { buildSteps } from './steps.js'
import {
  changePhone,
  keepLine,
  loadLines,
  loadState,
  on,
  store,
  tell,
  tellOfPhone,
} from './store.js'
import { setLanguage, t } from './texts.js'
import { startUnread } from './unread.js'
import { buildWhere } from './where.js'

const PANES = ['phone', 'who', 'where', 'others']

await Promise.all([loadState(), loadLines()])
setLanguage(store.phone.language)
startUnread()
answerCalls()
keepNetwork()
buildSteps()
buildPeople()
buildPhone(buildChat(), buildAgenda())
buildWhere()
buildBelow()
buildLanguage()
buildPanes()
listen()
document.body.dataset.ready = 'true'

function buildLanguage() {
  const button = byId('language')
  const draw = () => (button.textContent = store.phone.language === 'zh' ? 'English' : '中文')
  button.addEventListener('click', async () => {
    await changePhone({ language: store.phone.language === 'zh' ? 'en' : 'zh' })
    setLanguage(store.phone.language)
    tell('language')
    draw()
  })
  draw()
}

/** On a narrow page one column is shown at a time. */
function buildPanes() {
  const open = pane => {
    document.body.dataset.pane = pane
    draw()
  }
  const draw = () =>
    byId('panes').replaceChildren(
      ...PANES.map(pane =>
        el(
          'button',
          {
            'type': 'button',
            'data-test': `pane-${pane}`,
            'aria-pressed': String(document.body.dataset.pane === pane),
            'onclick': () => open(pane),
          },
          el('i', { class: `glyph glyph-${pane}` }),
          t(`pane.${pane}`),
        ),
      ),
    )
  on('language', draw)
  on('screen', () => open('phone'))
  draw()
}

/** Lines as they arrive. Each time the stream opens, what was said before it did is read again. */
function listen() {
  const stream = events()
  stream.addEventListener('line', event => keepLine(JSON.parse(event.data)))
  stream.addEventListener('open', async () => {
    const [before] = await Promise.all([loadState(), loadLines()])
    tell('hosts')
    tellOfPhone(before)
  })
}
