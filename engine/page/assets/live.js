// Feed the page from the running load, one event per second, and let its buttons control the load.
"use strict"

// Drawing may take this share of the browser's time.
const DRAWING_SHARE = 0.2
const LONGEST_PAUSE_MS = 3000
const WAIT_MS = 250
const errorSlices = new Map()
const rowsByKey = new Map()
const live = { isOver: false, isLost: false, isWaiting: false, isChoosing: false, drawnAt: 0, cost: 0,
  page: null }

// Forget everything: the server tells all so far again.
function forget() {
  const empty = nothingYet()
  Object.assign(timeline, empty.timeline)
  samples.length = 0
  errorSlices.clear()
  rowsByKey.clear()
  readTimeline()
}

function take({ report: news, page, slices, samples: kept }) {
  Object.assign(report, news)
  Object.assign(origin, page.origin)
  Object.assign(content, page, { origin })
  samples.push(...kept)
  slices.forEach(addSlice)
  mergeIfMany()
  const lengths = timeline.at.map((end, index) => end - starts[index])
  timeline.length = Math.max(1, Math.round(Math.max(...lengths, 0)))
  timeline.errors = content.error_keys.map(key => errorSlices.get(JSON.stringify(key)) || [])
}

function addSlice(slice) {
  const place = timeline.at.length
  starts.push(startOf(place))
  for (const name of COLUMNS) timeline[name].push(...slice[name])
  timeline.warmup += slice.warmup
  for (const kind of ["steps", "transactions"]) {
    for (const row of slice[kind]) addRow(kind, row, place)
  }
  for (const [key, number] of slice.errors) {
    const name = JSON.stringify(key)
    if (!errorSlices.has(name)) errorSlices.set(name, [])
    errorSlices.get(name).push([place, number])
  }
}

function addRow(kind, row, place) {
  const key = JSON.stringify([kind, row.case, row.name, row.type])
  if (!rowsByKey.has(key)) {
    rowsByKey.set(key, { ...row, slices: [] })
    timeline[kind].push(rowsByKey.get(key))
  }
  for (const slice of row.slices) {
    readSlice(slice)
    rowsByKey.get(key).slices.push([place, ...slice.slice(1)])
  }
}

// Take over the page of the run that has ended; from now on this page shows what that one does.
function finish(page) {
  const final = JSON.parse(new DOMParser().parseFromString(page, "text/html")
    .getElementById("content").textContent)
  forget()
  Object.assign(report, final.report)
  Object.assign(origin, final.origin)
  Object.assign(timeline, final.timeline)
  samples.push(...final.samples)
  Object.assign(content, final, { report, origin, timeline, samples })
  readTimeline()
  live.isOver = true
  live.page = page
  draw()
}

// Draw when there is time for it: an expensive page is drawn less often, a hidden one not at all.
function drawSoon() {
  if (live.isWaiting) return
  live.isWaiting = true
  const pause = Math.min(live.cost / DRAWING_SHARE, LONGEST_PAUSE_MS)
  setTimeout(drawNow, Math.max(0, live.drawnAt + pause - performance.now()))
}

function drawNow() {
  if (dragging.isGoingOn || live.isChoosing) {
    setTimeout(drawNow, WAIT_MS)
    return
  }
  live.isWaiting = false
  if (!document.hidden) draw()
}

function draw() {
  const began = performance.now()
  showAll()
  showBar()
  live.drawnAt = performance.now()
  live.cost = live.drawnAt - began
}

const stateText = element("output", { id: "state" })
const buttons = new Map([["stop", "Stop"], ["pause", "Pause"], ["fewer", "− users"], ["more", "+ users"],
  ["mark", "Mark"]].map(([action, name]) => {
  const button = element("button", { type: "button", id: `do-${action}` }, name)
  button.addEventListener("click", () => act(action))
  return [action, button]
}))
const save = element("button", { type: "button", id: "save", hidden: true }, "Save this page")
save.addEventListener("click", savePage)
document.body.prepend(element("div", { id: "live", role: "group", "aria-label": "The running load" },
  stateText, ...buttons.values(), save))

async function act(action) {
  try {
    const answer = await fetch(action, { method: "POST" })
    if (!answer.ok) throw new Error(answer.statusText)
    stateText.textContent = `${buttons.get(action).textContent}: sent`
  } catch {
    stateText.textContent = "boomtalk did not take that: is it still running?"
  }
}

function showBar() {
  const isStopping = Boolean(report.stopped_by)
  stateText.textContent = barText(isStopping)
  stateText.className = live.isOver || live.isLost ? "" : "good"
  const hasEnded = live.isOver || live.isLost
  for (const button of buttons.values()) button.hidden = hasEnded
  buttons.get("stop").textContent = isStopping ? "Cut" : "Stop"
  buttons.get("pause").textContent = content.state === "paused" ? "Resume" : "Pause"
  save.hidden = !live.isOver
}

function barText(isStopping) {
  if (live.isOver) return "The run has ended. This page is complete."
  if (live.isLost) return "The connection to boomtalk is lost. These are the numbers until then."
  return isStopping ? "live · stopping …" : ["live", content.state].filter(Boolean).join(" · ")
}

function savePage() {
  const link = element("a", { download: "report.html",
    href: URL.createObjectURL(new Blob([live.page], { type: "text/html" })) })
  link.click()
  URL.revokeObjectURL(link.href)
}

// Drawing would close the list that the reader has opened, and undo what is half typed.
const choices = document.getElementById("window")
for (const name of ["pointerdown", "keydown"]) {
  choices.addEventListener(name, ({ target }) => { live.isChoosing = target.matches("select, input") })
}
for (const name of ["change", "focusout"]) {
  choices.addEventListener(name, () => { live.isChoosing = false })
}

const source = new EventSource("events")
source.addEventListener("begin", event => {
  live.isLost = false
  forget()
  take(JSON.parse(event.data))
  drawSoon()
})
source.addEventListener("second", event => {
  take(JSON.parse(event.data))
  drawSoon()
})
source.addEventListener("end", event => {
  source.close()
  finish(JSON.parse(event.data))
})
source.addEventListener("error", () => {
  live.isLost = true
  if (report.started_at) showBar()
})
document.addEventListener("visibilitychange", () => report.started_at && drawSoon())
