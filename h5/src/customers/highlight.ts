export interface Part {
  text: string
  isHit: boolean
}

/** A name in parts, with the first literal occurrence of what was typed marked. */
export function highlight(name: string, typed: string): Part[] {
  const wanted = typed.trim().toLocaleLowerCase()
  const at = wanted ? name.toLocaleLowerCase().indexOf(wanted) : -1
  // A letter that lower-cases into two would shift what is marked; then mark nothing.
  if (at < 0 || name.toLocaleLowerCase().length !== name.length) {
    return [{ text: name, isHit: false }]
  }
  const end = at + wanted.length
  return [
    { text: name.slice(0, at), isHit: false },
    { text: name.slice(at, end), isHit: true },
    { text: name.slice(end), isHit: false },
  ].filter(part => part.text !== '')
}
