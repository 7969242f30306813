// Read and merge histograms. A bucket is the upper half of an IEEE single, see histogram.py.
"use strict"

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const DIGITS = new Map([...ALPHABET].map((character, digit) => [character, digit]))

// Return the numbers that a text encodes, see encoding.py: five bits per character, lowest first.
function decoded(text) {
  const numbers = []
  let number = 0
  let worth = 1
  for (const character of text) {
    const digit = DIGITS.get(character)
    // Not by bit operators: these cut numbers to 32 bits.
    number += (digit % 32) * worth
    worth *= 32
    if (digit < 32) {
      numbers.push(number)
      number = 0
      worth = 1
    }
  }
  return numbers
}

// Return [[bucket, count], ...] from a text of distances and counts.
function bucketsOf(text) {
  const numbers = decoded(text)
  const buckets = []
  let bucket = 0
  for (let at = 0; at < numbers.length; at += 2) {
    bucket += numbers[at]
    buckets.push([bucket, numbers[at + 1]])
  }
  return buckets
}

// The bits of a single are those of its bucket number, followed by 16 zeros.
const EDGES = new Float32Array(Uint32Array.from({ length: 0x8000 }, (_, at) => at * 0x10000).buffer)

// Return the value in the middle of a bucket.
function middle(bucket) {
  return (EDGES[bucket] + EDGES[bucket + 1]) / 2
}

class Histogram {
  constructor() {
    this.counts = new Map()
    this.count = this.total = this.high = 0
    this.low = Infinity
  }

  // Add the times of one slice: [total, low, high, buckets], or null if it has none.
  add(times) {
    if (times === null) return
    const [total, low, high, buckets] = times
    for (const [bucket, number] of buckets) {
      this.counts.set(bucket, (this.counts.get(bucket) || 0) + number)
      this.count += number
    }
    this.total += total
    this.low = Math.min(this.low, low)
    this.high = Math.max(this.high, high)
  }

  merge(other) {
    if (other.count) this.add([other.total, other.low, other.high, other.counts])
  }

  // Return the nearest-rank percentiles in seconds; `percents` must ascend.
  percentiles(percents) {
    if (!this.count) return percents.map(() => null)
    const ranks = percents.map(percent => Math.max(1, rank(this.count, percent)))
    const found = []
    let seen = 0
    for (const bucket of [...this.counts.keys()].sort((one, other) => one - other)) {
      seen += this.counts.get(bucket)
      while (found.length < ranks.length && seen >= ranks[found.length]) {
        found.push(Math.min(Math.max(middle(bucket), this.low), this.high))
      }
    }
    return found
  }

  // Return times in ms with the keys of the report.
  times() {
    const [p50, p90, p95, p99, p999] = this.percentiles([50, 90, 95, 99, 99.9])
    const known = this.count > 0
    const mean = known ? this.total / this.count : null
    const all = { min: known ? this.low : null, mean, p50, p90, p95, p99, p999 }
    all.max = known ? this.high : null
    for (const name of Object.keys(all)) all[name] = all[name] === null ? null : all[name] * 1000
    return { count: this.count, ...all }
  }

  // Return how many values lie in each of `most` bands between `low` and `high` (seconds). The
  // bands have equal widths on a logarithmic axis.
  bands(low, high, most) {
    const numbers = new Array(most).fill(0)
    for (const [bucket, number] of this.counts) {
      const place = Math.floor((Math.log(middle(bucket) / low) / Math.log(high / low)) * most)
      numbers[Math.min(Math.max(place, 0), most - 1)] += number
    }
    return numbers
  }
}

// Return the ceiling of number * percent / 100, without the rounding error of a division.
function rank(number, percent) {
  const product = number * percent
  const rest = product % 100
  return Math.round((product - rest) / 100) + (rest > 0 ? 1 : 0)
}
