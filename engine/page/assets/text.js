// Make elements, and format numbers. All text from outside enters the page here, never as markup.
"use strict"

const SVG = "http://www.w3.org/2000/svg"

function element(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children)
}

function drawn(name, attributes, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children)
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value)
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined))
  return node
}

// Replace the content of a place; what its reader has scrolled, unfolded and focused stays so.
function fill(id, ...children) {
  const place = document.getElementById(id)
  const [scrolled, unfolded, focused] = [scrolledIn(place), unfoldedIn(place), focusIn(place)]
  place.replaceChildren(...children.flat().filter(Boolean))
  place.hidden = !place.hasChildNodes()
  for (const box of place.querySelectorAll(".wide")) {
    const before = scrolled.get(box.getAttribute("aria-label"))
    if (before) [box.scrollLeft, box.scrollTop] = before
  }
  for (const one of place.querySelectorAll("details")) one.open = unfolded.has(one.firstChild.textContent)
  if (focused) focusAgain(focused)
}

function scrolledIn(place) {
  const boxes = [...place.querySelectorAll(".wide")].filter(box => box.scrollLeft || box.scrollTop)
  return new Map(boxes.map(box => [box.getAttribute("aria-label"), [box.scrollLeft, box.scrollTop]]))
}

function unfoldedIn(place) {
  return new Set([...place.querySelectorAll("details[open]")].map(one => one.firstChild.textContent))
}

function focusIn(place) {
  const node = document.activeElement
  return node && node.id && place.contains(node) ? { id: node.id, at: node.selectionStart } : null
}

function focusAgain({ id, at }) {
  const node = document.getElementById(id)
  if (!node) return
  node.focus({ preventScroll: true })
  if (isKnown(at)) node.setSelectionRange(at, at)
}

function isKnown(value) {
  return value !== null && value !== undefined && !Number.isNaN(value)
}

function grouped(text) {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f")
}

function count(number) {
  return isKnown(number) ? grouped(String(Math.round(number))) : "–"
}

function ms(value) {
  if (!isKnown(value)) return "–"
  if (value < 10) return value.toFixed(2)
  return value < 1000 ? value.toFixed(1) : grouped(value.toFixed(0))
}

function rate(value) {
  if (!isKnown(value)) return "–"
  return value < 1000 ? value.toFixed(1) : grouped(value.toFixed(0))
}

function percent(share) {
  if (!isKnown(share)) return "–"
  if (share > 0 && share < 0.0001) return "< 0.01 %"
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`
}

// Return the numbers by status code as nodes; those of failures are red.
function statusNodes(status) {
  return Object.entries(status || {}).flatMap(([code, number], place) => [place ? " · " : "",
    element("span", { class: code >= 400 ? "bad" : null }, `${code}: ${count(number)}`)])
}

// Return whether the codes tell something: there are several, or one of a failure.
function isTelling(status) {
  const codes = Object.keys(status || {})
  return codes.length > 1 || codes.some(code => code >= 400)
}

function megabytes(bytes) {
  if (!isKnown(bytes)) return "–"
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function clock(seconds) {
  const whole = Math.round(Math.abs(seconds) * 10) / 10
  const sign = seconds < 0 && whole ? "−" : ""
  if (whole < 120) return `${sign}${whole} s`
  const [hours, minutes, rest] = [whole / 3600, (whole / 60) % 60, whole % 60].map(Math.floor)
  const two = number => String(number).padStart(2, "0")
  return sign + (hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)} min`)
}
