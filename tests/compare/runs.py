"""Simulate runs with a known distribution, and record them like real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

from boomtalk.engine.compare.comparison import Comparison, Side, compare
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.snapshot import Second, Slice, StepSnapshot
from boomtalk.engine.record.directory import RunDirectory
from boomtalk.engine.record.reading import Record
from boomtalk.engine.report.json_rows import second_as_dict

from tests.support.records import empty_progress, empty_report, first_line


@dataclass(frozen=True)
class Law:
    """The distribution of a simulated run: log-normal latencies around `median` seconds.

    `drift` is the standard deviation, relative to the median, by which the target changes from
    second to second; each second keeps half of the last change. In the share `stalls` of the
    seconds everything takes five times as long. The generator added `added` seconds to each
    latency, which `median` includes.
    """

    seed: int = 0
    seconds: int = 40
    ramp: int = 0
    warmup: int = 0
    steps: tuple[str, ...] = ("look", "buy")
    requests: int = 40
    median: float = 0.01
    drift: float = 0.05
    stalls: float = 0.0
    errors: float = 0.0
    model: str = "closed"
    trusted: bool = True
    added: float = 0.0
    users: int = 10
    sha256: str = "0" * 64


def recorded(directory: Path, law: Law) -> Path:
    """Write the directory of a run with this distribution; it ends with a partial second."""
    run = RunDirectory(directory)
    report = report_of(law)
    machine = {"system": "Linux", "python": "3.11.7", "cores": 2, "memory_mb": 1000}
    files = [{"path": f"/{directory.name}/case.yml", "sha256": law.sha256}]
    progress = empty_progress()
    with run:
        run.begin(first_line({"files": files, "git_revision": None, "machine": machine}))
        for ended, elapsed in slices(law):
            run.take(ended, elapsed, progress)
    run.finish(report)
    return directory


def compared(folder: Path, a: Law, b: Law, limit: float | None = None) -> Comparison:
    """Record both runs and compare them."""
    sides = [Side.of(Record(recorded(folder / name, law))) for name, law in (("a", a), ("b", b))]
    return compare(*sides, limit)


def verdicts(comparison: Comparison) -> dict[tuple[str, str], str]:
    """Return the verdict of each step's figure."""
    return {(one.step[1], one.figure.name): one.verdict for one in comparison.changes}


def report_of(law: Law) -> dict[str, Any]:
    report = empty_report()
    report["started_at"] = "2026-01-01T00:00:00Z"
    report["stopped_by"] = "duration"
    report["load"] |= {"model": law.model, "users": law.users}
    report["health"] |= {
        "trusted": law.trusted,
        "latency_error_ms": 1000 * law.added,
        "added_ms": dict.fromkeys(("mean", "p50", "p95", "p99"), 1000 * law.added),
    }
    report["total"]["latency_ms"] |= _told(law.median)
    report["seconds"] = [
        second_as_dict(ended.second) for ended, _ in slices(replace(law, requests=1))
    ]
    return report


def _told(median: float) -> dict[str, float]:
    """Return percentiles of the log-normal distribution in ms."""
    places = {"p50": 0.0, "mean": 0.125, "p95": 0.82, "p99": 1.16}
    return {name: 1000 * median * exp(place) for name, place in places.items()}


def slices(law: Law) -> Iterator[tuple[Slice, float]]:
    chance = random.Random(law.seed)
    wandering = 0.0
    times = [*range(-law.warmup, 0), *range(1, law.seconds + 1), law.seconds + 1]
    for index, t in enumerate(times):
        wandering = wandering / 2 + chance.gauss(0, law.drift * sqrt(0.75))
        slow = exp(wandering) * (5 if chance.random() < law.stalls else 1)
        # A ramp, a warm-up and the partial second at the end have other distributions.
        strange = t < 0 or t <= law.ramp or t > law.seconds
        users = max(1, law.users * t // (law.ramp + 1)) if 0 < t <= law.ramp else law.users
        median = law.median * (100 if strange else 1)
        rows = tuple(_row(name, law, median, slow, chance) for name in law.steps)
        second = Second(t, users, sum(row.issued for row in rows), 0, 0, None, None, 1, None)
        yield Slice(second, rows, None, ()), float(index + 1)


def _row(name: str, law: Law, median: float, slow: float, chance: random.Random) -> StepSnapshot:
    number = max(1, round(chance.gauss(law.requests / slow, sqrt(law.requests) / 2)))
    latency = Histogram()
    latency.add([chance.lognormvariate(log(median * slow), 0.5) for _ in range(number)])
    failed = sum(chance.random() < law.errors for _ in range(number))
    return StepSnapshot(
        case="shop",
        name=name,
        type="request-GET",
        issued=number,
        ok=number - failed,
        failed=failed,
        cancelled=0,
        not_issued=0,
        bytes_in=0,
        latency=latency,
        connect=Histogram(),
        response=latency.copy() if law.model == "open" else Histogram(),
    )
