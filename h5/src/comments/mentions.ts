import type { Person } from '../api/types'

/** What is being typed behind the last @, where the writer stands; null where he names nobody. */
export function typedName(text: string, caret: number): string | null {
  const found = /@([^\s@]{0,20})$/.exec(text.slice(0, caret))
  return found ? found[1] ?? '' : null
}

/** The text with the chosen person in the place of what was typed, and where the writer then stands. */
export function withMention(text: string, caret: number, person: Person): { text: string, caret: number } {
  const before = text.slice(0, caret).replace(/@[^\s@]{0,20}$/, `@${person.name} `)
  return { text: before + text.slice(caret), caret: before.length }
}

/** Of those who were chosen, whose name still stands in the text. */
export function stillNamed(text: string, chosen: Person[]): Person[] {
  return chosen.filter((person, at) =>
    text.includes(`@${person.name}`) && chosen.findIndex(one => one.id === person.id) === at)
}
