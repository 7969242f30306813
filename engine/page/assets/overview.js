// Show the top of the page: the verdict, the accounting, the generator's health, thresholds.
"use strict"

function showHead() {
  const { state, text, reason } = content.headline
  const name = report.name || firstCase() || "load test"
  document.title = `${name}: ${text}`
  const badge = element("p", { class: `headline ${state}` }, text)
  fill("head", element("h1", {}, name), badge, doubts(), element("p", { class: "about" }, [
    `${clock(report.duration)}${warmupSeconds() ? ` after ${clock(warmupSeconds())} of warm-up` : ""}`,
    reason, loadText(), `started ${startText()}`,
  ].filter(Boolean).join(" · ")))
}

function firstCase() {
  const [first] = [...report.steps, ...timeline.steps]
  return first ? first.case : null
}

function loadText() {
  const { model, peak_users: peak } = report.load
  const most = `${count(peak)} ${peak === 1 ? "user" : "users"}`
  return model === "open" ? `open load, at most ${most} at once` : `closed load, up to ${most}`
}

function startText() {
  const date = new Date(report.started_at)
  return `${report.started_at.replace("T", " ").replace("Z", " UTC")} (${date.toLocaleTimeString()} here)`
}

// Return warnings that concern all numbers of the run.
function doubts() {
  const { load, accounting } = report
  const told = content.doubt ? [content.doubt] : []
  if (report.shards && report.shards.some(shard => shard.lost_at !== null)) {
    told.push("A shard was lost: its numbers after that are missing.")
  }
  if (isRunning()) return doubtNodes(told)
  if (!accounting.balanced) told.push("Not balanced: the outcome of some requests is unknown.")
  if (load.never_started) {
    told.push(`Ended before all users were started: ${count(load.never_started)} never ran.`)
  }
  return doubtNodes(told)
}

function doubtNodes(told) {
  return told.map(text => element("p", { class: "doubt" }, text))
}

// Return whether the run goes on: requests are in flight, and users are yet to start.
function isRunning() {
  return report.exit_code === null && report.stopped_by !== "killed"
}

// Show the most important numbers of the selected part.
function showCards(part, whole) {
  const bad = whole.failed + whole.not_issued
  const ended = whole.ok + bad
  fill("cards", element("dl", { class: "tiles" },
    tile("ok per second", rate(whole.rate)),
    tile("error rate", percent(ended ? bad / ended : null), badIfAny(bad)),
    tile("median", ms(whole.latency.p50), null, "ms"),
    tile("p95", ms(whole.latency.p95), null, "ms"),
    tile("p99", ms(whole.latency.p99), null, "ms"),
    whole.response.count ? tile("response p95", ms(whole.response.p95), null, "ms") : null,
    tile("requests", count(whole.issued))), about(part))
}

function tile(name, value, look, unit) {
  const shown = element("dd", { class: look }, value, unit && element("small", {}, ` ${unit}`))
  return element("div", {}, element("dt", {}, name), shown)
}

function showAccounting() {
  const { accounting, iterations, wire, health } = report
  const measured = timeline.steps.flatMap(row => within(wholeWindow(), row))
  const [status, bodies] = [added(measured.map(slice => slice[STATUS])), sumOf(measured, 6)]
  fill("accounting", element("h2", {}, "Accounting and health"), element("dl", { class: "facts" },
    fact("Requests", equation(word("issued"), accounting.issued, accounting, ["ok", "failed", "cancelled", "in_flight"]),
      sideNote([["not issued", accounting.not_issued], ["on the wire", wire.requests],
        ["redirects", wire.redirects], ["connections", wire.connections_opened]])),
    fact("Iterations", equation("started", iterations.started, iterations, ["completed", "failed", "interrupted"]),
      sideNote([["planned", iterations.planned], ["dropped", iterations.dropped]])),
    Object.keys(status).length ? fact("Status codes", statusNodes(status), ["complete responses"]) : null,
    fact("Received", [megabytes(wire.bytes_in), " ", word("on the wire")],
      [`decoded bodies ${megabytes(bodies)} · sent ${megabytes(wire.bytes_out)} on the wire`]),
    fact(word("limited by", "Limited by"), [word(health.limited_by.replaceAll("_", " "))], [health.evidence]),
    fact(word("generator", "Generator"), [`${rate(health.cpu_percent.mean)} % of one core`],
      generatorNote(health))))
}

// Return `name whole = part + part`; requests in flight are left out if there are none.
function equation(name, whole, counts, parts) {
  const shown = parts.filter(part => part !== "in_flight" || counts[part])
  return [name, " ", element("b", {}, count(whole)), ...shown.flatMap((part, place) => [
    place ? " + " : " = ", `${part.replace("_", " ")} `,
    element("b", { class: part === "failed" ? badIfAny(counts[part]) : null }, count(counts[part])),
  ])]
}

function sideNote(pairs) {
  return pairs.flatMap(([name, number], place) => [place ? " · " : null, word(name), ` ${count(number)}`])
}

function generatorNote(health) {
  const told = [`peak ${rate(health.cpu_percent.peak)} %`]
  if (health.cpu_wait_percent) told.push(`waited for a core ${rate(health.cpu_wait_percent)} % of the time`)
  if (isKnown(health.latency_error_ms)) told.push(`may have added ${ms(health.latency_error_ms)} ms to p99`)
  const more = [`p99 ${ms(health.lag_ms.p99)} ms, max ${ms(health.lag_ms.max)} ms`]
  if (health.gc_pause_ms_max) more.push(`longest GC pause ${ms(health.gc_pause_ms_max)} ms`)
  if (isKnown(health.rss_peak_mb)) more.push(`${count(health.rss_peak_mb)} MB`)
  return [health.trusted ? word("trusted") : element("b", { class: "bad" }, word("trusted", "not trusted")),
    ` · ${told.join(" · ")} · loop `, word("lag"), ` ${more.join(" · ")}`]
}

function fact(name, value, note) {
  const shown = element("dd", {}, value, note && element("span", { class: "note" }, note))
  return element("div", {}, element("dt", {}, name), shown)
}

function showThresholds() {
  if (!report.thresholds.length) return fill("thresholds")
  const rows = report.thresholds.map(rule => element("li", { class: rule.passed ? "good" : "bad" },
    element("span", { class: "mark" }, rule.passed ? "✓ passed" : "✗ broken"),
    element("code", {}, rule.expression),
    element("span", { class: "note" }, isKnown(rule.value) ? `was ${inUnit(rule)}` : "no data")))
  return fill("thresholds", element("h2", {}, "Thresholds"), element("ul", { class: "rules" }, rows))
}

// Return the value of a threshold in the unit of its metric; the report has times in ms.
function inUnit({ expression, value }) {
  const [metric] = expression.trim().match(/^[a-z_.]*/)
  if (metric === "error_rate") return percent(value)
  if (metric === "rate") return `${rate(value)} /s`
  return /^([a-z]+\.)?(p|mean|max|min)$/.test(metric) ? `${ms(value)} ms` : count(value)
}
