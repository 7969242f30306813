// Draw the charts: lines over time, a heat map of latency over time, the distribution of latency.
"use strict"

const HEIGHT = 170
const HEAT_ROWS = 26
const HEAT_SHADES = 7
const BARS = 64

// Return a figure: a title, a legend that shows the values under the cursor, and the drawing.
function figure(title, legend, svg, note) {
  const caption = element("figcaption", {}, element("strong", {}, title), legend)
  return element("figure", {}, caption, svg, note && element("p", { class: "note" }, note))
}

// Return a chart of lines over time. `lines` are {name, look, values}, a value per slice or null.
function lineChart({ title, lines, show, width, part, pointing, onPart }) {
  const frame = new TimeFrame(`${title} over time`, width, HEIGHT, onPart)
  const most = lines.flatMap(line => line.values).reduce((one, other) => Math.max(one, other || 0), 0)
  const steps = roundSteps(most)
  const y = scale(0, steps[steps.length - 1], frame.area.bottom, frame.area.top)
  frame.layer.append(...gridLines(frame.area, steps, y, show))
  for (const line of lines) {
    frame.layer.append(drawn("path", { class: `line ${line.look}`, d: pathOf(line, frame.x, y) }))
  }
  frame.show(part)
  const legend = legendOf(lines, show)
  pointing.add(frame, index => legend.tell(index))
  return figure(title, legend.node, frame.svg)
}

// Return whether a chart has anything to show.
function isEmpty(chart) {
  return !chart.lines.some(line => line.values.some(Boolean))
}

function gridLines(area, steps, y, show) {
  return steps.flatMap(step => [
    drawn("line", { class: "grid", x1: area.left, x2: area.right, y1: y(step), y2: y(step) }),
    drawn("text", { class: "tick end", x: area.left - 6, y: y(step) + 4 }, show(step)),
  ])
}

function pathOf(line, x, y) {
  let pen = "M"
  const parts = []
  line.values.forEach((value, index) => {
    if (!isKnown(value)) {
      pen = "M"
      return
    }
    const place = x((starts[index] + timeline.at[index]) / 2)
    parts.push(`${pen}${place.toFixed(1)} ${y(value).toFixed(1)}`)
    pen = "L"
  })
  return parts.length === 1 ? `${parts[0]}h1` : parts.join("")
}

function legendOf(lines, show) {
  const told = lines.map(() => element("output", {}))
  const entries = lines.map((line, index) =>
    element("span", { class: `key ${line.look}` }, line.name, told[index]))
  const tell = slice => told.forEach((place, index) => {
    place.textContent = slice === null ? "" : ` ${show(lines[index].values[slice])}`
  })
  return { node: element("span", { class: "legend" }, entries), tell }
}

// Return a number of any size as short text.
function plain(value) {
  if (!isKnown(value)) return "–"
  if (value >= 1e6) return `${figures(value / 1e6, 4)} M`
  if (value >= 1e4) return `${figures(value / 1e3, 4)} k`
  return value < 100 ? figures(value, 3) : count(value)
}

function figures(value, most) {
  return String(Number(value.toPrecision(most)))
}

// Return the edges of bands in seconds; each edge is larger than the one before by one factor.
function logEdges(low, high, bands) {
  const factor = (high / low) ** (1 / bands)
  return Array.from({ length: bands + 1 }, (_, index) => low * factor ** index)
}

function spanOf(histogram) {
  const low = Math.max(histogram.low, 1e-6)
  return [low * 0.999, Math.max(histogram.high, low * 1.05) * 1.001]
}

// Return a heat map of latency over time: darker cells stand for more requests.
function heatMap({ histograms, width, part, pointing, onPart }) {
  const frame = new TimeFrame("Latency over time as a heat map", width, HEIGHT + 60, onPart)
  const [low, high] = spanOf({ low: Math.min(...histograms.map(one => one.low)),
    high: Math.max(...histograms.map(one => one.high)) })
  const edges = logEdges(low, high, HEAT_ROWS)
  const y = logScale(low, high, frame.area.bottom, frame.area.top)
  const rates = histograms.map((one, index) => (one.count ? perSlice(one.bands(low, high, HEAT_ROWS), index) : []))
  const most = Math.max(...rates.map(numbers => Math.max(...numbers, 0)))
  const shades = Array.from({ length: HEAT_SHADES }, () => [])
  rates.forEach((numbers, index) => numbers.forEach((number, row) => {
    if (number) shades[shadeOf(number, most)].push(cell(frame, index, y(edges[row]), y(edges[row + 1])))
  }))
  frame.layer.append(...shades.map((cells, shade) =>
    drawn("path", { class: "heat", "fill-opacity": (shade + 1) / HEAT_SHADES, d: cells.join("") })))
  frame.layer.append(...logLabels(frame.area, low, high, y))
  frame.show(part)
  pointing.add(frame, () => {})
  return figure("Latency over time", "ms, darker where there are more requests", frame.svg)
}

function perSlice(numbers, index) {
  return numbers.map(number => number / (timeline.at[index] - starts[index] || 1))
}

function shadeOf(number, most) {
  return Math.min(HEAT_SHADES - 1, Math.floor(Math.sqrt(number / most) * HEAT_SHADES))
}

function cell(frame, index, bottom, top) {
  const [start, end] = [frame.x(starts[index]), frame.x(timeline.at[index])]
  return `M${start.toFixed(1)} ${bottom.toFixed(1)}H${end.toFixed(1)}V${top.toFixed(1)}H${start.toFixed(1)}Z`
}

function logLabels(area, low, high, y) {
  return logSteps(low * 1000, high * 1000).map(step =>
    drawn("text", { class: "tick end", x: area.left - 6, y: y(step / 1000) + 4 }, plain(step)))
}

// Return a bar chart of the number of requests per latency, on a logarithmic axis.
function distribution(histogram, width) {
  const height = HEIGHT + 60
  const area = { left: MARGIN.left, right: width - MARGIN.right, top: 26, bottom: height - 22 }
  const [low, high] = spanOf(histogram)
  const edges = logEdges(low, high, BARS)
  const numbers = histogram.bands(low, high, BARS)
  const steps = roundSteps(Math.max(...numbers))
  const x = logScale(low, high, area.left, area.right)
  const y = scale(0, steps[steps.length - 1], area.bottom, area.top)
  const bars = numbers.map((number, index) => number
    ? `M${x(edges[index]).toFixed(1)} ${area.bottom}V${y(number).toFixed(1)}H${(x(edges[index + 1]) - 1).toFixed(1)}V${area.bottom}Z` : "")
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": "Number of requests by latency" })
  svg.append(...gridLines(area, steps, y, plain), drawn("path", { class: "bars", d: bars.join("") }),
    ...percentileLines(histogram, x, area),
    ...logSteps(low * 1000, high * 1000).map(step => drawn("text",
      { class: "tick middle", x: x(step / 1000), y: area.bottom + 15 }, plain(step))))
  return figure("Latency of requests", `${count(histogram.count)} requests, ms`, svg)
}

function percentileLines(histogram, x, area) {
  const percents = [50, 95, 99]
  let free = -Infinity
  return histogram.percentiles(percents).flatMap((value, index) => {
    const place = x(value)
    const line = drawn("line", { class: `percentile p${percents[index]}`,
      x1: place, x2: place, y1: area.top - 4, y2: area.bottom })
    if (place < free) return [line] // its label would overlap the one before
    free = place + 34
    return [line, drawn("text", { class: "tick middle", x: place, y: area.top - 10 }, `p${percents[index]}`)]
  })
}
