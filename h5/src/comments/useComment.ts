import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Comment, Person } from '../api/types'
import { useAction } from '../composables/useAction'
import { useDraft } from '../composables/useDraft'
import { commentOn, editComment, whomToMention } from './api'
import { stillNamed, typedName, withMention } from './mentions'

const TYPING_PAUSE_MS = 200

/** A comment being written: new, a reply (`parent`), or one of mine that is changed (`written`). */
export function useComment(
  customer_id: string, { parent_id = null, written = null }: { parent_id?: string | null, written?: Comment | null } = {},
) {
  const { text: draft, forget } = useDraft(`comment.${parent_id ?? customer_id}`)
  const text = written ? ref(written.text) : draft
  const chosen = shallowRef<Person[]>(written?.mentions ?? [])
  const offered = shallowRef<Person[]>([])
  const isNaming = ref(false)
  let pause: ReturnType<typeof setTimeout> | undefined
  let newest = 0

  const action = useAction((body: { text: string, mentions: string[] }, key: string) =>
    written
      ? editComment(written.id, body.text, body.mentions, key)
      : commentOn(customer_id, { ...body, parent_id }, key),
  written ? '' : `comment.${parent_id ?? customer_id}`)

  /** Somebody typed: where he names a colleague, those who fit are offered. */
  function typed(caret: number): void {
    clearTimeout(pause)
    const name = typedName(text.value, caret)
    isNaming.value = name !== null
    if (name === null) offered.value = []
    else pause = setTimeout(offer, TYPING_PAUSE_MS, name)
  }

  async function offer(name: string): Promise<void> {
    const mine = ++newest
    const found = await whomToMention(customer_id, name).catch(() => [])
    if (mine === newest && isNaming.value) offered.value = found
  }

  /** Returns where the writer stands afterwards. */
  function choose(person: Person, caret: number): number {
    const put = withMention(text.value, caret, person)
    text.value = put.text
    chosen.value = [...chosen.value, person]
    offered.value = []
    isNaming.value = false
    return put.caret
  }

  async function submit(): Promise<Comment | null> {
    if (!text.value.trim()) return null
    const mentions = stillNamed(text.value, chosen.value).map(person => person.id)
    const said = await action.run({ text: text.value.trim(), mentions })
    if (said) forget()
    return said
  }

  onScopeDispose(() => clearTimeout(pause))
  return { text, offered, isNaming, action, typed, choose, submit }
}
