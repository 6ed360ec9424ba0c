import { describe, expect, it } from 'vitest'
import { radiusPicture } from './radiusPicture'

const SHOP = { lat: 30.59, lng: 114.3 }
const metresNorth = (metres: number) => ({ lat: SHOP.lat + metres / 111_195, lng: SHOP.lng })

describe('the picture of the radius', () => {
  it('draws the rep inside the circle when he is inside', () => {
    const { dot, radius } = radiusPicture(SHOP, metresNorth(100), 200, 20)
    expect(50 - dot.y).toBeCloseTo(radius / 2, 1)
    expect(dot.x).toBe(50)
  })

  it('draws east to the right and north up', () => {
    const { dot } = radiusPicture(SHOP, { lat: SHOP.lat + 0.001, lng: SHOP.lng + 0.001 }, 300, null)
    expect(dot.x).toBeGreaterThan(50)
    expect(dot.y).toBeLessThan(50)
  })

  it('keeps somebody far away at the edge, in his direction', () => {
    const { dot, isBeyond } = radiusPicture(SHOP, metresNorth(50_000), 200, 20)
    expect(isBeyond).toBe(true)
    expect(dot.y).toBeCloseTo(4, 1)
  })

  it('never draws a doubt that is larger than the picture', () => {
    expect(radiusPicture(SHOP, SHOP, 200, 90_000).accuracy).toBeLessThanOrEqual(46)
  })
})
