// Say what the charts over time show: requests, latency, users, failures, plugins, lag.
"use strict"

const FAILURE_LOOKS = ["failed", "first", "p50", "p99", "p95"]

// Return the charts that are not empty; `times` are the latencies per slice of these rows.
function charts(rows, times) {
  const [p50, p95, p99] = [0, 1, 2].map(place =>
    times.map(({ percentiles }) => (isKnown(percentiles[place]) ? percentiles[place] * 1000 : null)))
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
  return found.filter(chart => !isEmpty(chart))
}

// Return the failures by kind: each of the most frequent kinds, and the rest as one line.
function failureChart() {
  const kinds = new Map()
  report.errors.forEach((error, index) => {
    const values = kinds.get(error.kind) || timeline.at.map(() => 0)
    for (const [slice, number] of timeline.errors[index]) values[slice] += number
    kinds.set(error.kind, values)
  })
  const sum = values => values.reduce((one, other) => one + other, 0)
  const ordered = [...kinds].sort(([, one], [, other]) => sum(other) - sum(one))
  const [shown, rest] = [ordered.slice(0, FAILURE_LOOKS.length), ordered.slice(FAILURE_LOOKS.length)]
  const lines = shown.map(([name, values], index) =>
    ({ name, look: FAILURE_LOOKS[index], values: perSecond(values) }))
  if (rest.length) {
    const values = timeline.at.map((_, index) => sum(rest.map(([, numbers]) => numbers[index])))
    lines.push({ name: "other", look: "rest", values: perSecond(values) })
  }
  return { title: "Failures per second", show: plain, lines }
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
