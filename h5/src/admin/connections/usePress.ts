import { showToast } from 'vant'
import { useAction } from '../../composables/useAction'
import { failureSentence } from '../../composables/show'
import { t } from '../locales'
import { press as send, type Plain } from './api'

/** The verbs that need nothing but a press; afterwards the page is read again. */
export function usePress(reload: () => Promise<void>) {
  const action = useAction(
    ({ verb, id }: { verb: Plain, id: string }, key: string) => send(verb, id, key),
  )

  async function press(verb: Plain, id: string): Promise<void> {
    const count = await action.run({ verb, id })
    if (count !== null) showToast(t(`done.${verb}`, { count }))
    else if (action.failure.value) showToast(failureSentence(action.failure.value))
    await reload()
  }

  return { busy: action.busy, press }
}
