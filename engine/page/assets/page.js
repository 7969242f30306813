// Draw the page. Its URL fragment (#from=3&to=7&step=2) holds the selected part and step, so that
// a link to the page shows the same selection.
"use strict"

const PHONE = 620
const MOST_MARKS = 12

// Passes the slice under the pointer to all charts over time.
class Pointing {
  static last = null

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
    Pointing.last = index < timeline.at.length ? index : null
    for (const listener of this.listeners) listener(Pointing.last)
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
}

// Draw the charts; `over` are the latencies of the selected part and step.
function showCharts({ part, step }, over) {
  const rows = step === null ? timeline.steps : [timeline.steps[step]]
  const place = document.getElementById("charts")
  place.hidden = false
  const room = place.clientWidth
  const width = room > PHONE * 1.3 ? Math.floor((room - 24) / 2) : room
  const times = latenciesOf(step)
  const pointing = new Pointing()
  const common = { width, part, pointing,
    onPart: (from, to) => look({ part: windowBetween(from, to), step }) }
  fill("charts", charts(rows, times).map(chart => lineChart({ ...chart, ...common })),
    markList(), sliceNote())
  const histograms = times.map(one => one.histogram)
  fill("spread", over.count && distribution(over, width),
    histograms.some(one => one.count) && heatMap({ histograms, ...common }))
  pointing.tell(Pointing.last)
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
  return element("p", { class: "note" }, `The run is long, so a point covers up to ${timeline.length} s.`
    + " The tables are exact all the same.")
}

// Draw what depends on the selected part and step.
function show() {
  const now = timeline.at.length ? wanted() : { part: wholeWindow(), step: null }
  const steps = timeline.steps.map(row => stepOver(now.part, row))
  const whole = totalOf(now.part, steps)
  showCards(now.part, whole)
  if (timeline.at.length) {
    showWindow(now)
    showCharts(now, (now.step === null ? whole : steps[now.step]).latencies)
    showSteps(now.part, steps, whole)
    showFailures(now.part)
  } else {
    for (const id of ["window", "charts", "spread", "steps", "failures"]) fill(id)
  }
}

function showAll() {
  showHead()
  showAccounting()
  showThresholds()
  showSlow()
  showPlugins()
  showData()
  showOrigin()
  show()
}

// The page of a run that goes on is drawn when it has been told of it.
if (report.started_at) showAll()
addEventListener("hashchange", () => report.started_at && show())
let shownWidth = innerWidth
addEventListener("resize", () => {
  if (innerWidth !== shownWidth && report.started_at) show()
  shownWidth = innerWidth
})
