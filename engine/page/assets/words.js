// Explain the words of the page; they mean the same in every report.
"use strict"

const WORDS = new Map(Object.entries({
  "issued": "Requests that were begun. issued = ok + failed + cancelled, and while the load runs + in flight.",
  "not issued": "Failed before anything was sent: in an expression, a plugin or a setup hook. These are not in issued.",
  "dropped": "Starts of an open load that were left out: no user was free, or the generator was too late.",
  "on the wire": "Requests as the server counts them: the hops of redirects are requests of their own.",
  "generator": "boomtalk itself: the program that makes the load and measures it.",
  "limited by": "The first resource that was at its limit, and so set the number of requests.",
  "schedule": "The load as you planned it set the pace, not the target and not the generator.",
  "plugin": "The process that runs the functions of a project's debugtalk.py.",
  "wait": "The time that a plugin call waited before its function ran.",
  "lag": "How late the generator's event loop came to its work. It may be part of the measured times.",
  "trusted": "The generator itself did not disturb the numbers enough to matter.",
}))

// Return a word that explains itself under the pointer; `shown` stands for it in the text.
function word(name, shown = name) {
  const about = WORDS.get(name)
  return about ? element("abbr", { title: about }, shown) : shown
}
