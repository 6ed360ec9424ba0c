import { computed, ref } from 'vue'
import type { FollowUp, NewFollowUp } from '../api/types'
import { useAction } from '../composables/useAction'
import { useDraft } from '../composables/useDraft'
import { editFollowUp, recordFollowUp } from './api'
import type { Channel } from './channels'

/** How long a call was, in one tap; seconds. */
export const DURATIONS = [60, 180, 300, 600, 1800]
/** When it was, for what is written down later: hours ago. */
export const WHEN = [0, 2, 24] as const
const HOUR_MS = 60 * 60 * 1000

/** One contact with a customer: what was said, what comes next. `written` is one that is put right. */
export function useFollowUp(customer_id: string, written: FollowUp | null = null) {
  const { text: draft, forget } = useDraft(`follow_up.${written?.id ?? customer_id}`)
  const action = useAction(async (body: NewFollowUp, key: string) => {
    if (!written) return await recordFollowUp(customer_id, body, key)
    const { happened_at: _at, contact_id: whom, member_id: _member, next_action_on: on, ...change } = body
    // Without a new day the promised one stays; and whom I am not shown is not taken away.
    const spoken = whom === written.contact_id ? {} : { contact_id: whom }
    return await editFollowUp(written.id, { ...change, ...spoken, ...(on ? { next_action_on: on } : {}) }, key)
  }, written ? '' : `follow_up.${customer_id}`)

  const before = written ?? action.kept
  const channel = ref<Channel>(before && before.channel !== 'visit' ? before.channel : 'call')
  const summary = written ? ref(written.summary) : draft
  const duration_s = ref<number | null>(before?.duration_s ?? null)
  const was_answered = ref(before?.was_answered ?? false)
  const next_action = ref(before?.next_action ?? '')
  const next_action_on = ref(action.kept?.next_action_on ?? '')
  const contact_id = ref<string | null>(before?.contact_id ?? null)
  const hours_ago = ref<number>(0)
  const asked = ref(false)

  const saysSomething = computed(() =>
    summary.value.trim() !== ''
    || (channel.value === 'call' && duration_s.value !== null)
    || (channel.value === 'chat' && was_answered.value))
  const missing = computed(() => asked.value && !saysSomething.value)
  // The moment is fixed when it is first sent: a second try must be the same request.
  let happened_at: string | null = action.kept?.happened_at ?? null

  async function submit(): Promise<FollowUp | null> {
    asked.value = true
    if (!saysSomething.value) return null
    if (action.state.value !== 'unsent') happened_at = moment(hours_ago.value)
    const kept = await action.run({
      channel: channel.value,
      summary: summary.value.trim(),
      happened_at,
      duration_s: channel.value === 'call' ? duration_s.value : null,
      was_answered: channel.value === 'chat' && was_answered.value,
      next_action: next_action.value.trim(),
      next_action_on: next_action_on.value || null,
      contact_id: contact_id.value,
      member_id: null,
    })
    if (kept) forget()
    return kept
  }

  return {
    channel, summary, duration_s, was_answered, next_action, next_action_on, contact_id, hours_ago,
    missing, action, submit,
  }
}

/** The server's own "now" is meant where nothing else is said. */
function moment(hours_ago: number): string | null {
  return hours_ago ? new Date(Date.now() - hours_ago * HOUR_MS).toISOString() : null
}
