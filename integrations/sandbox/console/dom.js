// Elements made from values. Text always goes in as text: nothing here ever parses HTML.

const SVG = 'http://www.w3.org/2000/svg'

export const byId = id => document.getElementById(id)

export function el(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children)
}

export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children)
}

function filled(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else if (name === 'style') Object.assign(node.style, value)
    else if (name === 'value' || name === 'checked') node[name] = value
    else node.setAttribute(name, value === true ? '' : value)
  }
  node.append(
    ...children.flat().filter(child => child !== null && child !== undefined && child !== false),
  )
  return node
}

/** Fill `parent` with new children and keep where it was scrolled to. */
export function refill(parent, ...children) {
  const { scrollTop } = parent
  parent.replaceChildren(...children.flat().filter(Boolean))
  parent.scrollTop = scrollTop
}

export function avatar(person, size = 36) {
  const hue = [...person.user_id].reduce(
    (sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360,
    7,
  )
  const letters = [...person.name.replace(/(?<=.)(主管|经理|总监)$/, '')].slice(-2).join('')
  const style = {
    width: `${size}px`,
    height: `${size}px`,
    background: `hsl(${hue} 42% 46%)`,
    fontSize: `${size * 0.36}px`,
  }
  return el('span', { 'class': 'avatar', style, 'aria-hidden': 'true' }, letters)
}

export function toast(text, kind = '') {
  const note = el('div', { class: `toast ${kind}` }, text)
  byId('toasts').append(note)
  setTimeout(() => note.remove(), 4200)
}
