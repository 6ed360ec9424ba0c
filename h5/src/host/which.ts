/** Which host and which of its connections this page belongs to. */
export interface Where {
  host: 'wecom' | 'dingtalk' | ''
  connection: string
}

const KEPT_AS = 'waiqin.where'

/**
 * The address says it (`?host=wecom&connection=demo`), else what it said last time, else the
 * user agent. The host is '' in a plain browser that was never told.
 */
export function whereAmI(): Where {
  const asked = named(new URLSearchParams(location.search))
  if (asked) {
    keep(asked)
    return asked
  }
  const running = hostOf(navigator.userAgent)
  const kept = recall()
  if (kept && (!running || kept.host === running)) return kept
  return { host: running, connection: 'default' }
}

/** WeCom's user agent contains MicroMessenger as well, so only `wxwork` decides. */
export function hostOf(userAgent: string): Where['host'] {
  const agent = userAgent.toLowerCase()
  if (agent.includes('wxwork')) return 'wecom'
  if (agent.includes('dingtalk')) return 'dingtalk'
  return ''
}

function named(query: URLSearchParams): Where | null {
  const host = query.get('host')
  if (host !== 'wecom' && host !== 'dingtalk') return null
  return { host, connection: query.get('connection') || 'default' }
}

// Both storages: a frame beside another one keeps its own host, a reopened app remembers the last.
function keep(where: Where): void {
  const text = JSON.stringify(where)
  for (const storage of [sessionStorage, localStorage]) storage.setItem(KEPT_AS, text)
}

function recall(): Where | null {
  const text = sessionStorage.getItem(KEPT_AS) ?? localStorage.getItem(KEPT_AS)
  if (!text) return null
  try {
    const kept = JSON.parse(text) as Partial<Record<string, string>>
    return named(new URLSearchParams({ host: kept.host ?? '', connection: kept.connection ?? '' }))
  }
  catch {
    return null
  }
}
