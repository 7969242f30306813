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
  ].join(" · ")), tiles())
}

function firstCase() {
  return report.steps.length ? report.steps[0].case : null
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
  if (!accounting.balanced) told.push("Not balanced: the outcome of some requests is unknown.")
  if (load.never_started) {
    told.push(`Ended before all users were started: ${count(load.never_started)} never ran.`)
  }
  if (report.shards && report.shards.some(shard => shard.lost_at !== null)) {
    told.push("A shard was lost: its numbers after that are missing.")
  }
  return told.map(text => element("p", { class: "doubt" }, text))
}

function tiles() {
  const { total, accounting } = report
  const ended = total.ok + total.failed + total.not_issued
  const bad = total.failed + total.not_issued
  return element("dl", { class: "tiles" },
    tile("ok per second", rate(total.rate)),
    tile("error rate", percent(ended ? bad / ended : null), badIfAny(bad)),
    tile("median", ms(total.latency_ms.p50), null, "ms"),
    tile("p95", ms(total.latency_ms.p95), null, "ms"),
    tile("p99", ms(total.latency_ms.p99), null, "ms"),
    total.response_ms && tile("response p95", ms(total.response_ms.p95), null, "ms"),
    tile("requests", count(accounting.issued)))
}

function tile(name, value, look, unit) {
  const shown = element("dd", { class: look }, value, unit && element("small", {}, ` ${unit}`))
  return element("div", {}, element("dt", {}, name), shown)
}

function showAccounting() {
  const { accounting, iterations, wire, health } = report
  fill("accounting", element("h2", {}, "Accounting and health"), element("dl", { class: "facts" },
    fact("Requests", equation("issued", accounting, ["ok", "failed", "cancelled", "in_flight"]),
      sideNote([["not issued", accounting.not_issued], ["on the wire", wire.requests],
        ["redirects", wire.redirects], ["connections", wire.connections_opened]])),
    fact("Iterations", equation("started", iterations, ["completed", "failed", "interrupted"]),
      sideNote([["planned", iterations.planned], ["dropped", iterations.dropped]])),
    Object.keys(report.total.status || {}).length
      ? fact("Status codes", statusNodes(report.total.status), "responses") : null,
    fact("Received", [megabytes(wire.bytes_in)], `sent ${megabytes(wire.bytes_out)}`),
    fact("Limited by", [health.limited_by.replaceAll("_", " ")], health.evidence),
    fact("Generator", [`${rate(health.cpu_percent.mean)} % of one core`], generatorNote(health))))
}

// Return `whole = part + part`; requests in flight are left out if there are none.
function equation(whole, counts, parts) {
  const shown = parts.filter(name => name !== "in_flight" || counts[name])
  return [`${whole} `, element("b", {}, count(counts[whole])), ...shown.flatMap((name, place) => [
    place ? " + " : " = ", `${name.replace("_", " ")} `,
    element("b", { class: name === "failed" ? badIfAny(counts[name]) : null }, count(counts[name])),
  ])]
}

function sideNote(pairs) {
  return pairs.map(([name, number]) => `${name} ${count(number)}`).join(" · ")
}

function generatorNote(health) {
  const told = [`peak ${rate(health.cpu_percent.peak)} %`]
  if (health.cpu_wait_percent) told.push(`waited for a core ${rate(health.cpu_wait_percent)} % of the time`)
  if (isKnown(health.latency_error_ms)) told.push(`may have added ${ms(health.latency_error_ms)} ms to p99`)
  told.push(`loop lag p99 ${ms(health.lag_ms.p99)} ms, max ${ms(health.lag_ms.max)} ms`)
  if (health.gc_pause_ms_max) told.push(`longest GC pause ${ms(health.gc_pause_ms_max)} ms`)
  if (isKnown(health.rss_peak_mb)) told.push(`${count(health.rss_peak_mb)} MB`)
  return told.join(" · ")
}

function fact(name, value, note) {
  const shown = element("dd", {}, value, note ? element("span", { class: "note" }, note) : null)
  return element("div", {}, element("dt", {}, name), shown)
}

function showThresholds() {
  if (!report.thresholds.length) return fill("thresholds")
  const rows = report.thresholds.map(rule => element("li", { class: rule.passed ? "good" : "bad" },
    element("span", { class: "mark" }, rule.passed ? "✓ passed" : "✗ broken"),
    element("code", {}, rule.expression),
    element("span", { class: "note" }, isKnown(rule.value) ? `was ${figures(rule.value, 6)}` : "no data")))
  return fill("thresholds", element("h2", {}, "Thresholds"), element("ul", { class: "rules" }, rows))
}
