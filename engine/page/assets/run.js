// Read the run's data, and sum it up over the selected part.
"use strict"

const content = JSON.parse(document.getElementById("content").textContent)
const { report, timeline, origin, samples } = content
const LATENCY = 7
const RESPONSE = 8
const STATUS = 9
const starts = timeline.at.map((end, index) => (index ? timeline.at[index - 1] : -warmupSeconds()))

for (const row of [...timeline.steps, ...timeline.transactions]) {
  for (const slice of row.slices) {
    for (const times of slice) {
      if (Array.isArray(times)) times[3] = bucketsOf(times[3])
    }
  }
}

function warmupSeconds() {
  return report.warmup.duration
}

// Convert seconds since the load began to the time axis, whose 0 is the end of the warm-up.
function onAxis(seconds) {
  return seconds - warmupSeconds()
}

function wholeWindow() {
  return { first: Math.min(timeline.warmup, timeline.at.length - 1), last: timeline.at.length - 1 }
}

// Return the slices whose middle lies between two times, or the nearest slice if there is none.
function windowBetween(from, to) {
  const whole = wholeWindow()
  const middles = starts.map((start, index) => (start + timeline.at[index]) / 2)
  const inside = middles.map((_, index) => index).filter(index =>
    from <= middles[index] && middles[index] <= to)
  if (!middles.length) return whole
  if (inside.length) return { first: inside[0], last: inside[inside.length - 1] }
  const nearest = middles.findIndex((_, index) => timeline.at[index] >= from)
  return nearest < 0 ? { first: whole.last, last: whole.last } : { first: nearest, last: nearest }
}

function isWhole(part) {
  const whole = wholeWindow()
  return part.first === whole.first && part.last === whole.last
}

function secondsOf(part) {
  if (isWhole(part)) return report.duration
  return part.last < 0 ? 0 : timeline.at[part.last] - starts[part.first]
}

function within(part, row) {
  return row.slices.filter(slice => part.first <= slice[0] && slice[0] <= part.last)
}

function histogramOf(slices, place) {
  const histogram = new Histogram()
  for (const slice of slices) histogram.add(slice[place])
  return histogram
}

// Return the numbers of a step over a part of the run, with the keys of the report.
function stepOver(part, row) {
  const slices = within(part, row)
  const names = ["issued", "ok", "failed", "cancelled", "not_issued", "bytes_in"]
  const sums = names.map((name, place) => [name, sumOf(slices, place + 1)])
  return {
    ...pick(row), ...Object.fromEntries(sums), slices,
    rate: sumOf(slices, 2) / secondsOf(part),
    latency: histogramOf(slices, LATENCY).times(),
    response: histogramOf(slices, RESPONSE).times(),
    status: statusOver(slices),
  }
}

// Return the number of responses by status code.
function statusOver(slices) {
  const found = {}
  for (const slice of slices) {
    for (const [code, number] of Object.entries(slice[STATUS] || {})) {
      found[code] = (found[code] || 0) + number
    }
  }
  return found
}

function transactionOver(part, row) {
  const slices = within(part, row)
  const [ok, failed, interrupted] = [1, 2, 3].map(place => sumOf(slices, place))
  return { ...pick(row), ok, failed, interrupted, rate: ok / secondsOf(part),
    duration: histogramOf(slices, 4).times() }
}

// Return one row that sums up all of these steps.
function totalOf(part, rows) {
  const slices = rows.flatMap(row => row.slices)
  return { ...stepOver(part, { case: "", name: "all steps", type: "", slices }), isTotal: true }
}

function pick(row) {
  return { case: row.case, name: row.name, type: row.type }
}

function sumOf(slices, place) {
  return slices.reduce((sum, slice) => sum + slice[place], 0)
}

// Return a value for each slice of the run; `value` computes it from the rows' entries in it.
function series(rows, value) {
  const found = timeline.at.map(() => [])
  for (const row of rows) {
    for (const slice of row.slices) found[slice[0]].push(slice)
  }
  return found.map(value)
}

// Return how often each failure of the report occurred in a part of the run.
function failuresOver(part) {
  if (isWhole(part)) return report.errors.map(error => error.count)
  return timeline.errors.map(counts =>
    counts.filter(([slice]) => part.first <= slice && slice <= part.last)
      .reduce((sum, [, number]) => sum + number, 0))
}

function perSecond(numbers) {
  return numbers.map((number, index) => number / (timeline.at[index] - starts[index] || 1))
}
