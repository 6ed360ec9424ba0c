// What the pretend camera sees: a shop in its street, with its name above the door.

import { stamp } from './texts.js'

export const [WIDTH, HEIGHT] = [1080, 1440]

/** No two pictures are equal: hues, window goods and grain come from chance, as on a real street. */
export function drawStorefront(paint, name, now) {
  const hue = Math.random() * 360
  const horizon = HEIGHT * 0.78
  fill(
    paint,
    gradient(paint, 0, horizon, [`hsl(${205 + Math.random() * 15} 60% 78%)`, 'hsl(40 50% 92%)']),
    0,
    0,
    WIDTH,
    horizon,
  )
  drawStreet(paint, horizon)
  fill(
    paint,
    gradient(paint, 150, horizon, [`hsl(${hue} 12% 84%)`, `hsl(${hue} 14% 70%)`]),
    70,
    150,
    WIDTH - 140,
    horizon - 150,
  )
  drawUpperWindows(paint, hue)
  drawSign(paint, name, hue)
  drawAwning(paint, hue)
  drawShopWindow(paint, 120, hue + 40, horizon)
  drawShopWindow(paint, 690, hue + 200, horizon)
  drawDoor(paint, horizon)
  drawGrain(paint)
  paint.font = '600 34px sans-serif'
  paint.textAlign = 'right'
  paint.fillStyle = 'rgb(255 214 120 / 90%)'
  paint.fillText(stamp(now), WIDTH - 110, HEIGHT - 40)
}

function drawStreet(paint, horizon) {
  fill(paint, '#b9b4aa', 0, horizon, WIDTH, 90)
  fill(
    paint,
    gradient(paint, horizon + 90, HEIGHT, ['#6d6f73', '#4b4d51']),
    0,
    horizon + 90,
    WIDTH,
    HEIGHT,
  )
  paint.strokeStyle = 'rgb(0 0 0 / 12%)'
  paint.lineWidth = 3
  for (let x = -200; x < WIDTH + 200; x += 135)
    line(paint, x, horizon, x - (WIDTH / 2 - x) * 0.18, horizon + 90)
  fill(paint, '#e8e6df', 0, horizon + 90, WIDTH, 12)
}

function drawUpperWindows(paint, hue) {
  for (let x = 130; x < WIDTH - 230; x += 215) {
    fill(paint, '#f4f1ea', x - 8, 192, 156, 126)
    fill(
      paint,
      gradient(paint, 200, 310, [`hsl(${hue + 190} 30% 42%)`, `hsl(${hue + 190} 30% 62%)`]),
      x,
      200,
      140,
      110,
    )
    fill(paint, '#f4f1ea', x + 66, 200, 8, 110)
  }
}

function drawSign(paint, name, hue) {
  paint.shadowColor = 'rgb(0 0 0 / 35%)'
  paint.shadowBlur = 24
  fill(
    paint,
    gradient(paint, 360, 520, [`hsl(${hue} 68% 40%)`, `hsl(${hue} 72% 31%)`]),
    90,
    360,
    WIDTH - 180,
    165,
  )
  paint.shadowBlur = 0
  const shown = [...name].slice(0, 16).join('')
  let size = 104
  do
    paint.font = `800 ${(size -= 4)}px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif`
  while (paint.measureText(shown).width > WIDTH - 260 && size > 30)
  paint.textAlign = 'center'
  paint.textBaseline = 'middle'
  paint.fillStyle = '#fffbe8'
  paint.fillText(shown, WIDTH / 2, 446)
  paint.textBaseline = 'alphabetic'
}

function drawAwning(paint, hue) {
  const stripes = 18
  const step = (WIDTH - 180) / stripes
  for (let n = 0; n < stripes; n += 1) {
    paint.fillStyle = n % 2 ? '#fdfaf2' : `hsl(${hue + 25} 70% 52%)`
    paint.beginPath()
    paint.moveTo(90 + n * step, 525)
    paint.lineTo(90 + (n + 1) * step, 525)
    paint.lineTo(76 + (n + 1) * step * 1.03, 600)
    paint.arc(76 + (n + 0.5) * step * 1.03, 600, step / 2, 0, Math.PI)
    paint.closePath()
    paint.fill()
  }
}

function drawShopWindow(paint, x, hue, horizon) {
  const [top, width] = [650, 270]
  fill(paint, '#39424a', x - 12, top - 12, width + 24, horizon - top)
  fill(
    paint,
    gradient(paint, top, horizon, ['#fff3cf', '#e9cf96']),
    x,
    top,
    width,
    horizon - top - 40,
  )
  for (let shelf = top + 90; shelf < horizon - 40; shelf += 105) {
    for (let item = x + 12; item < x + width - 30; item += 34) {
      const tall = 34 + Math.random() * 42
      fill(
        paint,
        `hsl(${hue + Math.random() * 120} 62% ${45 + Math.random() * 20}%)`,
        item,
        shelf - tall,
        26,
        tall,
      )
    }
    fill(paint, '#a97f4c', x, shelf, width, 9)
  }
  paint.fillStyle = 'rgb(255 255 255 / 16%)'
  paint.beginPath()
  paint.moveTo(x + 40, top)
  paint.lineTo(x + 130, top)
  paint.lineTo(x + 30, horizon - 40)
  paint.lineTo(x, horizon - 40)
  paint.lineTo(x, top + 160)
  paint.fill()
}

function drawDoor(paint, horizon) {
  fill(paint, '#39424a', 430, 640, 220, horizon - 640)
  fill(paint, gradient(paint, 650, horizon, ['#d8e7ea', '#a9bfc6']), 446, 656, 90, horizon - 668)
  fill(paint, gradient(paint, 650, horizon, ['#cfe0e4', '#9fb6be']), 544, 656, 90, horizon - 668)
  fill(paint, '#e8c04c', 522, 860, 10, 90)
  fill(paint, '#e8c04c', 548, 860, 10, 90)
  fill(paint, '#c0392b', 462, 720, 58, 74)
  paint.font = '700 30px sans-serif'
  paint.textAlign = 'center'
  paint.fillStyle = '#fff'
  paint.fillText('营业', 491, 768)
}

function drawGrain(paint) {
  for (let n = 0; n < 2600; n += 1) {
    paint.fillStyle = `rgb(${Math.random() < 0.5 ? '0 0 0' : '255 255 255'} / ${Math.random() * 7}%)`
    paint.fillRect(Math.random() * WIDTH, Math.random() * HEIGHT, 3, 3)
  }
}

function fill(paint, style, x, y, width, height) {
  paint.fillStyle = style
  paint.fillRect(x, y, width, height)
}

function line(paint, x1, y1, x2, y2) {
  paint.beginPath()
  paint.moveTo(x1, y1)
  paint.lineTo(x2, y2)
  paint.stroke()
}

function gradient(paint, top, bottom, [from, to]) {
  const blend = paint.createLinearGradient(0, top, 0, bottom)
  blend.addColorStop(0, from)
  blend.addColorStop(1, to)
  return blend
}
