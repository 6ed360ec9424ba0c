import { expect, test } from 'vitest'
import { movePicture } from './movePicture'

const HERE = { lat: 30.59, lng: 114.31 }
const NORTH = { lat: 30.599, lng: 114.31 }

test('north is up, and everything is inside', () => {
  const { before, after, seen } = movePicture(HERE, NORTH, [NORTH, { lat: 30.5995, lng: 114.3105 }])
  expect(after.y).toBeLessThan(before.y)
  expect(Math.abs(after.x - before.x)).toBeLessThan(0.01)
  for (const { x, y } of [before, after, ...seen]) {
    expect(x).toBeGreaterThanOrEqual(11.9)
    expect(x).toBeLessThanOrEqual(88.1)
    expect(y).toBeGreaterThanOrEqual(11.9)
    expect(y).toBeLessThanOrEqual(88.1)
  }
})

test('a metre is as long to the east as to the north', () => {
  const east = { lat: 30.59, lng: 114.31 + 0.009 / Math.cos((30.59 * Math.PI) / 180) }
  const { before, after, seen } = movePicture(HERE, NORTH, [east])
  expect(seen[0]!.x - before.x).toBeCloseTo(before.y - after.y, 3)
})

test('two places on one spot are no division by nothing', () => {
  expect(movePicture(HERE, HERE, []).after).toEqual({ x: 50, y: 50 })
})
