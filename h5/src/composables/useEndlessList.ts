import { computed, ref, shallowRef } from 'vue'

interface Page<Row, Cursor> {
  rows: Row[]
  /** What to ask for the rows after these; null at the end. */
  next: Cursor | null
}

/** A list that grows while it is read. A newer `start` makes every older answer stale. */
export function useEndlessList<Row, Cursor>(
  read: (cursor: Cursor | null) => Promise<Page<Row, Cursor>>,
) {
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const growing = ref<'idle' | 'loading' | 'failed'>('idle')
  const rows = shallowRef<Row[]>([])
  const failure = shallowRef<unknown>(null)
  const next = shallowRef<Cursor | null>(null)
  let newest = 0

  /** From the top. The rows on show stay until the new ones are there. */
  async function start(): Promise<void> {
    const mine = ++newest
    if (rows.value.length === 0) state.value = 'loading'
    growing.value = 'idle'
    try {
      const page = await read(null)
      if (mine !== newest) return
      rows.value = page.rows
      next.value = page.next
      failure.value = null
      state.value = 'ready'
    }
    catch (problem) {
      if (mine !== newest) return
      rows.value = []
      next.value = null
      failure.value = problem
      state.value = 'failed'
    }
  }

  async function grow(): Promise<void> {
    if (growing.value === 'loading' || next.value === null) return
    const mine = newest
    growing.value = 'loading'
    try {
      const page = await read(next.value)
      if (mine !== newest) return
      rows.value = [...rows.value, ...page.rows]
      next.value = page.next
      growing.value = 'idle'
    }
    catch {
      if (mine === newest) growing.value = 'failed'
    }
  }

  const more = computed(() => next.value !== null)
  return { state, growing, rows, failure, more, start, grow }
}
