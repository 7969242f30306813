// Draw the frame of a chart over time: axes, the warm-up, events, the selected part.
"use strict"

const MARGIN = { left: 46, right: 10, top: 8, bottom: 22 }
const TICKS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200]

// Return a function from values to places in the drawing.
function scale(low, high, start, end) {
  const span = high - low || 1
  return value => start + ((value - low) / span) * (end - start)
}

function logScale(low, high, start, end) {
  const inner = scale(Math.log(low), Math.log(high), start, end)
  return value => inner(Math.log(value))
}

// Return about four round values, from 0 to the first one at or above `most`.
function roundSteps(most) {
  if (!(most > 0)) return [0, 1]
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const step = [1, 2, 2.5, 5, 10].map(part => part * power).find(part => part * 4 >= most)
  const steps = Math.ceil(most / step - 1e-9)
  return Array.from({ length: steps + 1 }, (_, index) => index * step)
}

// Return 1, 2 and 5 times each power of ten between two values; of many only the powers.
function logSteps(low, high) {
  const found = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    found.push(...[1, 2, 5].map(digit => digit * 10 ** power))
  }
  const inside = found.filter(value => low <= value && value <= high)
  return inside.length > 7 ? inside.filter(value => /^0?\.?0*1/.test(String(value))) : inside
}

function timeSteps(from, to, most) {
  const step = TICKS.find(length => (to - from) / length <= most) || 86400
  const steps = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) steps.push(at)
  return steps
}

function shortClock(seconds) {
  if (seconds && seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : clock(seconds)
}

// Whether a part is being dragged over a chart: it must not be drawn anew meanwhile.
const dragging = { isGoingOn: false }

// A chart over time. Others draw into its `layer`; `onPart` is called with a dragged time span.
class TimeFrame {
  constructor(label, width, height, onPart) {
    this.area = {
      left: MARGIN.left, right: width - MARGIN.right,
      top: MARGIN.top, bottom: height - MARGIN.bottom,
    }
    this.from = starts[0]
    this.to = timeline.at[timeline.at.length - 1]
    this.x = scale(this.from, this.to, this.area.left, this.area.right)
    this.svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label })
    this.layer = drawn("g")
    this.cursor = drawn("line", { class: "cursor", ...this.upright(this.area.left), hidden: true })
    this.dragged = drawn("rect", { class: "dragged", ...this.band(this.from, this.from) })
    this.svg.append(this.warmup(), this.layer, ...this.axis(), ...this.marks(),
      this.cursor, this.dragged)
    this.watchDrag(onPart)
  }

  upright(place) {
    return { x1: place, x2: place, y1: this.area.top, y2: this.area.bottom }
  }

  band(from, to) {
    const [start, end] = [this.x(from), this.x(to)]
    const height = this.area.bottom - this.area.top
    return { x: start, width: Math.max(0, end - start), y: this.area.top, height }
  }

  warmup() {
    const group = drawn("g")
    if (this.from < 0) group.append(drawn("rect", { class: "warmup", ...this.band(this.from, 0) }))
    return group
  }

  axis() {
    const { left, right, bottom } = this.area
    const most = Math.max(2, Math.floor((right - left) / 70))
    const labels = timeSteps(this.from, this.to, most).map(at => {
      const look = right - this.x(at) < 20 ? "end" : "middle"
      return drawn("text", { x: this.x(at), y: bottom + 15, class: `tick ${look}` }, shortClock(at))
    })
    return [drawn("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }), ...labels]
  }

  marks() {
    return report.marks.map(mark => {
      const at = onAxis(mark.t)
      const title = drawn("title", {}, `${clock(at)}: ${mark.what}`)
      return drawn("line", { class: "mark", ...this.upright(this.x(at)) }, title)
    })
  }

  // Grey out everything outside of the selected part.
  show(part) {
    if (isWhole(part)) return
    const [from, to] = [starts[part.first], timeline.at[part.last]]
    const outside = [[this.from, from], [to, this.to]]
    this.svg.append(...outside.map(([one, other]) =>
      drawn("rect", { class: "outside", ...this.band(one, other) })))
  }

  point(index) {
    this.cursor.toggleAttribute("hidden", index === null)
    if (index === null) return
    const place = this.x((starts[index] + timeline.at[index]) / 2)
    filled(this.cursor, this.upright(place), [])
  }

  timeAt(event) {
    const box = this.svg.getBoundingClientRect()
    const width = this.area.right + MARGIN.right
    const place = ((event.clientX - box.left) / box.width) * width
    const share = (place - this.area.left) / (this.area.right - this.area.left)
    return this.from + Math.min(Math.max(share, 0), 1) * (this.to - this.from)
  }

  watchDrag(onPart) {
    let began = null
    this.svg.addEventListener("pointerdown", event => {
      began = this.timeAt(event)
      dragging.isGoingOn = true
      this.svg.setPointerCapture(event.pointerId)
    })
    this.svg.addEventListener("pointermove", event => {
      if (began === null) return
      const ends = [began, this.timeAt(event)].sort((one, other) => one - other)
      filled(this.dragged, this.band(...ends), [])
    })
    this.svg.addEventListener("pointerup", event => {
      const ends = [began, this.timeAt(event)].sort((one, other) => one - other)
      began = null
      dragging.isGoingOn = false
      filled(this.dragged, this.band(this.from, this.from), [])
      if (this.x(ends[1]) - this.x(ends[0]) > 4) onPart(...ends)
    })
    this.svg.addEventListener("pointercancel", () => {
      began = null
      dragging.isGoingOn = false
    })
  }
}
