// Read the run's data, and sum it up over the selected part.
"use strict"

const COLUMNS = ["at", "issued", "ok", "failed", "users", "lag_ms", "calls", "call_seconds", "iterations"]
const content = JSON.parse(document.getElementById("content").textContent) || nothingYet()
const { report, timeline, origin, samples } = content
const LATENCY = 7
const RESPONSE = 8
const STATUS = 9
const starts = []
// Per choice of steps: the latencies of each slice, which do not change once the slice has ended.
const latencies = new Map()

// Return the content of a page that has not been told anything.
function nothingYet() {
  const columns = Object.fromEntries(COLUMNS.map(name => [name, []]))
  return { report: { warmup: { duration: 0 }, errors: [] }, origin: {}, samples: [], failures: [],
    timeline: { ...columns, length: 1, warmup: 0, errors: [], steps: [], transactions: [] } }
}

// Prepare what was read: the beginnings of the slices, and the buckets of their histograms.
function readTimeline() {
  starts.length = 0
  latencies.clear()
  starts.push(...timeline.at.map((_, index) => startOf(index)))
  for (const row of [...timeline.steps, ...timeline.transactions]) row.slices.forEach(readSlice)
}

function startOf(index) {
  return index ? timeline.at[index - 1] : -warmupSeconds()
}

function readSlice(slice) {
  for (const times of slice) {
    if (Array.isArray(times)) times[3] = bucketsOf(times[3])
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

function merged(histograms) {
  const all = new Histogram()
  for (const one of histograms) all.merge(one)
  return all
}

function histogramOf(slices, place) {
  const histogram = new Histogram()
  for (const slice of slices) histogram.add(slice[place])
  return histogram
}

const COUNTS = ["issued", "ok", "failed", "cancelled", "not_issued", "bytes_in"]

// Return the numbers of a step over a part of the run, with the keys of the report.
function stepOver(part, row) {
  const slices = within(part, row)
  const sums = COUNTS.map((name, place) => [name, sumOf(slices, place + 1)])
  return withTimes(part, {
    ...pick(row), ...Object.fromEntries(sums), status: added(slices.map(slice => slice[STATUS])),
    latencies: histogramOf(slices, LATENCY), responses: histogramOf(slices, RESPONSE),
  })
}

function withTimes(part, row) {
  return { ...row, rate: row.ok / secondsOf(part), latency: row.latencies.times(),
    response: row.responses.times() }
}

// Return the sums of several numbers of responses by status code.
function added(many) {
  const found = {}
  for (const status of many) {
    for (const [code, number] of Object.entries(status || {})) found[code] = (found[code] || 0) + number
  }
  return found
}

function transactionOver(part, row) {
  const slices = within(part, row)
  const [ok, failed, interrupted] = [1, 2, 3].map(place => sumOf(slices, place))
  return { ...pick(row), ok, failed, interrupted, rate: ok / secondsOf(part),
    duration: histogramOf(slices, 4).times() }
}

// Return one row that sums up the rows of all steps over a part of the run.
function totalOf(part, rows) {
  const sums = COUNTS.map(name => [name, rows.reduce((sum, row) => sum + row[name], 0)])
  return withTimes(part, {
    case: "", name: "all steps", type: "", isTotal: true, ...Object.fromEntries(sums),
    status: added(rows.map(row => row.status)),
    latencies: merged(rows.map(row => row.latencies)), responses: merged(rows.map(row => row.responses)),
  })
}

// Return for each slice its latencies and their percentiles, of one step or of all (null).
function latenciesOf(step) {
  const rows = step === null ? timeline.steps : [timeline.steps[step]]
  const known = latencies.get(step) || []
  const first = known.length
  const found = Array.from({ length: timeline.at.length - first }, () => new Histogram())
  for (const row of rows) {
    for (let at = row.slices.length - 1; at >= 0 && row.slices[at][0] >= first; at--) {
      found[row.slices[at][0] - first].add(row.slices[at][LATENCY])
    }
  }
  known.push(...found.map(one => ({ histogram: one, percentiles: one.percentiles([50, 95, 99]) })))
  latencies.set(step, known)
  return known
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

readTimeline()
