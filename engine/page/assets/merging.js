// Keep the page of a long run fast: join neighbouring slices when there are many.
"use strict"

const MOST_SLICES = 400

// Join each two neighbours of the timeline if there are too many slices; counts stay exact.
function mergeIfMany() {
  while (timeline.at.length > MOST_SLICES) mergeNeighbours()
}

function mergeNeighbours() {
  const places = newPlaces()
  const warmup = places.filter((_, index) => index < timeline.warmup)
  timeline.warmup = warmup.length ? warmup[warmup.length - 1] + 1 : 0
  const last = (_, other) => other
  const ways = { at: last, users: Math.max, lag_ms: Math.max, iterations: sumOfEach }
  for (const name of COLUMNS) timeline[name] = joined(timeline[name], places, ways[name] || sumOfTwo)
  for (const row of [...timeline.steps, ...timeline.transactions]) row.slices = joinedSlices(row.slices, places)
  for (const counts of errorSlices.values()) counts.splice(0, Infinity, ...joinedSlices(counts, places))
  starts.splice(0, Infinity, ...timeline.at.map((_, index) => startOf(index)))
  latencies.clear()
}

// Return the new place of each slice; none covers both the warm-up and what is after it.
function newPlaces() {
  const after = Math.ceil(timeline.warmup / 2)
  return timeline.at.map((_, index) => (index < timeline.warmup ? Math.floor(index / 2)
    : after + Math.floor((index - timeline.warmup) / 2)))
}

function joined(values, places, join) {
  const found = []
  values.forEach((value, index) => {
    const place = places[index]
    found[place] = place in found ? join(found[place], value) : value
  })
  return found
}

function joinedSlices(slices, places) {
  const found = []
  for (const slice of slices) {
    const moved = [places[slice[0]], ...slice.slice(1)]
    const before = found[found.length - 1]
    if (before && before[0] === moved[0]) found[found.length - 1] = joinedSlice(before, moved)
    else found.push(moved)
  }
  return found
}

function joinedSlice(one, other) {
  return one.map((value, place) => (place ? joinedValue(value, other[place]) : value))
}

// Join two values of a slice: numbers, times, or numbers by status code.
function joinedValue(one, other) {
  if (one === null || other === null) return one === null ? other : one
  if (Array.isArray(one)) return joinedTimes(one, other)
  return typeof one === "number" ? one + other : added([one, other])
}

function joinedTimes(one, other) {
  const both = new Histogram()
  both.add(one)
  both.add(other)
  const buckets = [...both.counts].sort(([before], [after]) => before - after)
  return [both.total, both.low, both.high, buckets]
}

function sumOfTwo(one, other) {
  return one + other
}

function sumOfEach(one, other) {
  return one.map((number, place) => number + other[place])
}
