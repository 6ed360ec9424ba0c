import type { NewTerritory } from '../../api/types'

type Divisions = NewTerritory['divisions']
type Outline = NewTerritory['outline']

const FEWEST_CORNERS = 3

/** "武汉市 洪山区" a line; without a district the whole city. */
export function divisionsOf(typed: string): Divisions {
  const lines = typed.split('\n').map(line => line.trim().split(/[\s,，/]+/))
  return lines.filter(([city]) => city).map(([city, ...district]) => ({ city: city!, district: district.join('') }))
}

export const linesOfDivisions = (divisions: Divisions) =>
  divisions.map(({ city, district }) => [city, district].filter(Boolean).join(' ')).join('\n')

/** "30.59, 114.31" a line; null where that is no outline. Nothing typed is none. */
export function outlineOf(typed: string): Outline | null {
  const lines = typed.split('\n').filter(line => line.trim())
  const corners = lines.map(line => line.trim().split(/[\s,，]+/).map(Number))
  const fits = corners.every(([lat, lng, ...more]) => !more.length && Math.abs(lat ?? NaN) <= 90 && Math.abs(lng ?? NaN) <= 180)
  if (!fits || (corners.length && corners.length < FEWEST_CORNERS)) return null
  return corners as Outline
}

export const linesOfOutline = (outline: Outline) => outline.map(corner => corner.join(', ')).join('\n')
