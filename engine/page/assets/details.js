// Show the tables below the charts: steps, failures, kept requests, plugins, data, origin.
"use strict"

function showSteps(part, steps, whole) {
  const transactions = timeline.transactions.map(row => transactionOver(part, row))
  if (!steps.length) return fill("steps")
  return fill("steps", element("h2", {}, "Steps"),
    element("p", { class: "note" }, isWhole(part) ? "times in ms" : `times in ms, ${partText(part)}`),
    table("Steps", stepColumns(whole), steps, whole),
    transactions.length && [element("h2", {}, "Transactions"),
      table("Transactions", transactionColumns(), transactions)])
}

function about(part) {
  return isWhole(part) ? null : element("p", { class: "note" }, partText(part))
}

function partText(part) {
  return `only from ${clock(starts[part.first])} to ${clock(timeline.at[part.last])} of the run`
}

function nameColumn(kind) {
  const many = new Set(timeline.steps.map(row => row.case)).size > 1
  return textColumn(kind, row => row.name, (_, row) => [
    element("span", { class: row.name.length > 40 ? "long name" : "name" }, row.name), many && row.case ? element("small", {}, ` ${row.case}`) : null,
  ])
}

function stepColumns(whole) {
  const columns = [
    nameColumn("step"),
    countColumn("issued", row => row.issued),
    countColumn("ok", row => row.ok),
    countColumn("failed", row => row.failed, badIfAny),
    countColumn("cancelled", row => row.cancelled),
    countColumn("not issued", row => row.not_issued, badIfAny),
    { name: "ok/s", value: row => row.rate, show: rate },
    ...timeColumns(row => row.latency),
    { name: "received", value: row => row.bytes_in, show: megabytes,
      about: "Bodies after decompression, without headers. Received above counts the bytes on the wire." },
  ]
  if (isTelling(whole.status)) {
    columns.push(textColumn("status", row => Object.keys(row.status).join(" "),
      (_, row) => element("span", {}, statusNodes(row.status))))
  }
  if (whole.response.count) {
    columns.push(timeColumn("response p95", row => row.response.p95, "measured from the planned start"))
  }
  return columns
}

function timeColumns(times) {
  const names = ["min", "mean", "p50", "p95", "p99", "max"]
  return names.map(name => timeColumn(name, row => times(row)[name], "ms"))
}

function transactionColumns() {
  return [
    nameColumn("transaction"),
    countColumn("ok", row => row.ok),
    countColumn("failed", row => row.failed, badIfAny),
    countColumn("interrupted", row => row.interrupted),
    { name: "ok/s", value: row => row.rate, show: rate },
    ...timeColumns(row => row.duration),
  ]
}

function showFailures(part) {
  const counts = failuresOver(part)
  const rows = report.errors.map((error, index) =>
    ({ ...error, seen: counts[index], text: content.failures[index] })).filter(error => error.seen)
  if (!report.errors.length) return fill("failures")
  const columns = [
    textColumn("failure", row => `${row.kind} ${row.detail}`.trim()),
    countColumn("count", row => row.seen, badIfAny),
    textColumn("step", row => row.step),
    textColumn("message", row => row.text),
    { name: "first", value: row => onAxis(row.first_at), show: clock },
    { name: "last", value: row => onAxis(row.last_at), show: clock },
  ]
  const kept = samples.filter(sample => sample.why === "failed")
  return fill("failures", element("h2", {}, "Failures"),
    isWhole(part) && warmupSeconds()
      ? element("p", { class: "note" }, "of the whole run, including the warm-up") : about(part),
    rows.length ? table("Failures", columns, rows) : element("p", { class: "note" }, "none"),
    rows.filter(row => row.traceback).map(row => element("details", {},
      element("summary", {}, `traceback of: ${row.message}`), block("traceback", row.traceback))),
    kept.length && element("h3", {}, "Failed requests in full"), kept.map(sampleNode),
    content.samples_left_out && element("p", { class: "note" },
      `${content.samples_left_out} more are in the run directory.`))
}

function showSlow() {
  const kept = samples.filter(sample => sample.why === "slow")
  if (kept.length) fill("slow", element("h2", {}, "Slowest requests"), kept.map(sampleNode))
  else fill("slow")
}

function sampleNode(sample) {
  const kind = `${sample.kind || ""} ${sample.detail || ""}`.trim()
  const head = [isKnown(sample.at) ? clock(onAxis(sample.at)) : null, kind, sample.step,
    isKnown(sample.latency_ms) ? `${ms(sample.latency_ms)} ms` : null]
  const { request, response, variables } = sample
  return element("details", {}, element("summary", {}, head.filter(Boolean).join(" · ")),
    sample.message && element("p", { class: "bad" }, sample.message),
    sample.curl && block("curl", sample.curl),
    request && block("request", messageText(`${request.method} ${request.url}`, request)),
    response && block("response", messageText(String(response.status), response)),
    variables && Object.keys(variables).length
      ? block("variables", JSON.stringify(variables, null, 2)) : null)
}

function messageText(first, message) {
  const headers = (message.headers || []).map(([name, value]) => `${name}: ${value}`)
  return [first, ...headers, ...(message.body ? ["", message.body] : [])].join("\n")
}

function block(name, text) {
  return element("div", { class: "block" }, element("h4", {}, name),
    element("pre", { tabindex: "0" }, text))
}

function showPlugins() {
  fill("plugins", report.plugins.length && element("h2", {}, word("plugin", "Plugins")),
    report.plugins.flatMap(plugin => [
      element("h3", {}, plugin.path, isKnown(plugin.shard) ? ` (shard ${plugin.shard})` : null),
      element("p", { class: "note" }, billOf(plugin), " · p95 of ", word("wait"), ` time ${ms(plugin.wait_ms.p95)} ms`),
      plugin.functions.length && table(`Functions of ${plugin.path}`, functionColumns(), plugin.functions),
    ]))
}

// Return the plugin's processes, memory and calls, and their cost per iteration.
function billOf(plugin) {
  const each = plugin.calls / Math.max(1, report.iterations.started)
  const time = (plugin.run_seconds || 0) * 1000 / Math.max(1, report.iterations.started)
  const failed = plugin.errors + plugin.timeouts + plugin.crashed + plugin.unavailable
  return [
    `Python ${plugin.python}`,
    `${plugin.starts} ${plugin.starts === 1 ? "start" : "starts"}`,
    isKnown(plugin.rss_peak_mb) ? `${count(plugin.rss_peak_mb)} MB` : null,
    isKnown(plugin.cpu_seconds) ? `${rate(plugin.cpu_seconds)} s of CPU` : null,
    `${count(plugin.calls)} calls, ${count(failed)} failed`,
    `${plain(each)} calls of ${ms(time)} ms in total per iteration`,
    `p95 of run time ${ms(plugin.run_ms.p95)} ms`,
    plugin.source_changed ? "its source was edited during the run" : null,
  ].filter(Boolean).join(" · ")
}

function functionColumns() {
  return [
    textColumn("function", row => row.name),
    countColumn("calls", row => row.calls),
    countColumn("errors", row => row.errors, badIfAny),
    { name: "total", value: row => (row.run_ms.mean || 0) * row.calls / 1000,
      show: value => `${plain(value)} s` },
    ...timeColumns(row => row.run_ms),
  ]
}

function showData() {
  const rows = report.parameters || []
  fill("data", rows.length && [element("h2", {}, "Data rows"), table("Data rows", [
    textColumn("parameters", row => row.names.join(", ")),
    textColumn("case", row => row.case),
    countColumn("rows", row => row.rows),
    countColumn("never used", row => row.unused),
    countColumn("least used", row => row.used.min),
    { name: "mean", value: row => row.used.mean, show: plain },
    countColumn("most used", row => row.used.max),
    countColumn("total", row => row.used.total),
  ], rows)])
}

function showOrigin() {
  const machine = origin.machine || {}
  const files = (origin.files || []).map(file => element("div", { class: "file" },
    element("span", {}, file.path), element("code", {}, `sha256 ${file.sha256.slice(0, 16)}`)))
  const tags = Object.entries(report.tags || {}).map(([name, value]) => `${name} = ${value}`)
  fill("origin", element("h2", {}, "Origin"), element("dl", { class: "facts" },
    fact("Command", [element("code", {}, report.command.join(" "))]),
    files.length ? fact("Files", files) : null,
    origin.git_revision ? fact("Git revision", [element("code", {}, origin.git_revision)]) : null,
    tags.length ? fact("Tags", tags.map(tag => element("div", {}, tag))) : null,
    report.shards ? fact("Shards", report.shards.map(shard => element("div", {},
      `${shard.id} on ${shard.host}: ${count(shard.users)} users, ${shard.state}`))) : null,
    machine.system ? fact("Machine", [machine.system],
      `${machine.cores} cores · ${count(machine.memory_mb)} MB · Python ${machine.python}`) : null,
    fact("Made by", [`${report.tool.name} ${report.tool.version}`], isRunning() ? null : `exit code ${report.exit_code ?? "–"}`)))
}
