export interface Part {
  text: string
  isHit: boolean
}

/** A text in parts, with a span of its characters marked. The server counts characters, not code units. */
export function mark(text: string, span: readonly number[] | null): Part[] {
  const [from = 0, to = 0] = span ?? []
  const characters = Array.from(text)
  return [
    { text: characters.slice(0, from).join(''), isHit: false },
    { text: characters.slice(from, to).join(''), isHit: true },
    { text: characters.slice(to).join(''), isHit: false },
  ].filter(part => part.text !== '')
}
