import { computed, ref, watch } from 'vue'
import type { TimelineEntry } from '../api/types'
import { dayOfAnyYear } from '../composables/show'
import { useEndlessList } from '../composables/useEndlessList'
import { timelineOf } from './api'
import { FILTERS, type Filter } from './kinds'

export interface Day {
  day: string
  entries: TimelineEntry[]
}

/** What happened with a customer, by day, as far down as somebody has read. */
export function useTimeline(customer_id: string) {
  const filter = ref<Filter>('all')
  const list = useEndlessList<TimelineEntry, string>(async (cursor) => {
    const kinds = FILTERS.find(one => one.filter === filter.value)?.kinds ?? []
    const page = await timelineOf(customer_id, kinds.join(','), cursor ?? '')
    return { rows: page.entries, next: page.next || null }
  })
  const days = computed(() => byDay(list.rows.value))

  watch(filter, () => {
    list.rows.value = []
    void list.start()
  })

  return { ...list, filter, days }
}

export function byDay(entries: TimelineEntry[]): Day[] {
  const days: Day[] = []
  for (const entry of entries) {
    const day = dayOfAnyYear(entry.at)
    const last = days[days.length - 1]
    if (last?.day === day) last.entries.push(entry)
    else days.push({ day, entries: [entry] })
  }
  return days
}
