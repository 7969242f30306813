// Draw the page. Its URL fragment (#from=3&to=7&step=2) holds the selected part and step, so that
// a link to the page shows the same selection.
"use strict"

const PHONE = 620
const MOST_MARKS = 12

// Passes the slice under the pointer to all charts over time.
class Pointing {
  constructor() {
    this.listeners = []
  }

  add(frame, tell) {
    this.listeners.push(index => {
      frame.point(index)
      tell(index)
    })
    frame.svg.addEventListener("pointermove", event => {
      const time = frame.timeAt(event)
      this.tell(Math.max(0, timeline.at.findIndex(end => end >= time)))
    })
    frame.svg.addEventListener("pointerleave", () => this.tell(null))
  }

  tell(index) {
    for (const listener of this.listeners) listener(index)
  }
}

// Return a time rounded for people. Slices are selected by their middle, so that rounding their
// ends selects the same ones.
function tenth(seconds) {
  return Math.round(seconds * 10) / 10
}

function wanted() {
  const words = new URLSearchParams(location.hash.slice(1))
  const number = name => (words.get(name) ? Number(words.get(name)) : NaN)
  const [from, to, step] = ["from", "to", "step"].map(number)
  const isPart = !Number.isNaN(from) || !Number.isNaN(to)
  return {
    part: isPart ? windowBetween(isKnown(from) ? from : -Infinity, isKnown(to) ? to : Infinity)
      : wholeWindow(),
    step: timeline.steps[step] ? step : null,
  }
}

function look({ part, step }) {
  const words = isWhole(part) ? [] : [`from=${tenth(starts[part.first])}`, `to=${tenth(timeline.at[part.last])}`]
  if (step !== null) words.push(`step=${step}`)
  location.replace(`#${words.join("&")}`)
}

function showWindow({ part, step }) {
  const focused = document.activeElement && document.activeElement.id
  const [from, to] = [["from", tenth(starts[part.first])], ["to", tenth(timeline.at[part.last])]].map(
    ([name, value]) => element("input", { type: "number", step: "any", id: name, value }))
  const change = () => look({ part: windowBetween(Number(from.value), Number(to.value)), step })
  for (const input of [from, to]) input.addEventListener("change", change)
  const steps = element("select", { id: "step" }, element("option", { value: "" }, "all steps"),
    timeline.steps.map((row, index) =>
      element("option", { value: index, selected: index === step }, row.name)))
  steps.addEventListener("change", () =>
    look({ part, step: steps.value === "" ? null : Number(steps.value) }))
  const whole = element("button", { type: "button", id: "whole", disabled: isWhole(part) }, "Whole run")
  whole.addEventListener("click", () => look({ part: wholeWindow(), step }))
  fill("window", element("label", {}, "from ", from, " s"), element("label", {}, "to ", to, " s"),
    whole, element("label", {}, "charts of ", steps),
    element("span", { class: "note" }, "or drag over a chart"))
  const again = document.getElementById(focused)
  if (again) again.focus()
}

function showCharts({ part, step }) {
  const rows = step === null ? timeline.steps : [timeline.steps[step]]
  const place = document.getElementById("charts")
  place.hidden = false
  const room = place.clientWidth
  const width = room > PHONE * 1.3 ? Math.floor((room - 24) / 2) : room
  const histograms = series(rows, slices =>
    (slices.some(slice => slice[LATENCY]) ? histogramOf(slices, LATENCY) : null))
  const common = { width, part, pointing: new Pointing(),
    onPart: (from, to) => look({ part: windowBetween(from, to), step }) }
  fill("charts", charts(rows, histograms).map(chart => lineChart({ ...chart, ...common })),
    markList(), sliceNote())
  const over = histogramOf(rows.flatMap(row => within(part, row)), LATENCY)
  const whole = histogramOf(rows.flatMap(row => row.slices), LATENCY)
  fill("spread", over.count && distribution(over, width),
    whole.count && heatMap({ histograms, whole, ...common }))
}

function charts(rows, histograms) {
  const percentiles = histograms.map(one => one && one.percentiles([50, 95, 99]))
  const [p50, p95, p99] = [0, 1, 2].map(place => percentiles.map(one => one && one[place] * 1000))
  const sums = place => perSecond(series(rows, slices => sumOf(slices, place)))
  const found = [
    { title: "Requests per second", show: plain, lines: [
      { name: "ok", look: "ok", values: sums(2) }, { name: "failed", look: "failed", values: sums(3) }] },
    { title: "Latency in ms", show: plain, lines: [
      { name: "p50", look: "p50", values: p50 }, { name: "p95", look: "p95", values: p95 },
      { name: "p99", look: "p99", values: p99 }] },
    { title: "Users", show: plain, lines: [{ name: "users", look: "first", values: timeline.users }] },
  ]
  if (report.errors.length) found.push(failureChart())
  if (report.plugins.length) found.push(...pluginCharts())
  found.push({ title: "Loop lag of the generator in ms", show: plain,
    lines: [{ name: "p99", look: "first", values: timeline.lag_ms }] })
  return found
}

function failureChart() {
  const kinds = new Map()
  report.errors.forEach((error, index) => {
    const values = kinds.get(error.kind) || timeline.at.map(() => 0)
    for (const [slice, number] of timeline.errors[index]) values[slice] += number
    kinds.set(error.kind, values)
  })
  const looks = ["failed", "first", "p50", "p99", "p95"]
  return { title: "Failures per second", show: plain, lines: [...kinds].slice(0, looks.length).map(
    ([name, values], index) => ({ name, look: looks[index], values: perSecond(values) })) }
}

function pluginCharts() {
  const each = timeline.calls.map((calls, index) =>
    (calls ? (timeline.call_seconds[index] * 1000) / calls : null))
  return [
    { title: "Plugin calls per second", show: plain,
      lines: [{ name: "calls", look: "first", values: perSecond(timeline.calls) }] },
    { title: "Mean time of a plugin call in ms", show: plain,
      lines: [{ name: "time", look: "p99", values: each }] },
  ]
}

function markList() {
  const [shown, more] = [report.marks.slice(0, MOST_MARKS), report.marks.slice(MOST_MARKS)]
  if (!shown.length) return null
  const list = marks => element("ol", {}, marks.map(mark =>
    element("li", {}, element("b", {}, clock(onAxis(mark.t))), ` ${mark.what}`)))
  return element("div", { class: "marks" }, list(shown), more.length
    ? element("details", {}, element("summary", {}, `${more.length} more events`), list(more)) : null)
}

function sliceNote() {
  if (timeline.length === 1) return null
  return element("p", { class: "note" }, `The run is long, so each point covers ${timeline.length} s.`
    + " The tables are exact all the same.")
}

function show() {
  if (timeline.at.length) {
    const now = wanted()
    showWindow(now)
    showCharts(now)
    showSteps(now.part)
    showFailures(now.part)
  } else {
    for (const id of ["window", "charts", "spread", "steps", "failures"]) fill(id)
  }
}

showHead()
showAccounting()
showThresholds()
showSlow()
showPlugins()
showData()
showOrigin()
show()
addEventListener("hashchange", show)
let shownWidth = innerWidth
addEventListener("resize", () => {
  if (innerWidth !== shownWidth) show()
  shownWidth = innerWidth
})
