"""Make the metrics that `hrp boom` pushes, under its names, so that dashboards keep working.

Times are in ms. hrp counts some metrics since it last printed its table; here they count since
the last push.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily

from ..load.load_run import Outcome
from ..measure.histogram import Histogram
from ..measure.snapshot import Snapshot, StepSnapshot, sum_steps
from .bounded import bounded
from .labels import label

_LABELS = ("method", "name")
_MOST_ERRORS = 50
# The numbers of hrp's states (hrp/pkg/boomer/runner.go).
SPAWNING, RUNNING, STOPPING, STOPPED = 2, 3, 4, 5


class Window(NamedTuple):
    """The results since the last push: a row per step, and the number of seconds."""

    steps: Sequence[StepSnapshot]
    seconds: float


def hrp_families(outcome: Outcome, window: Window, is_over: bool) -> Iterator[Metric]:
    """Yield every metric that hrp pushes."""
    snapshot = outcome.snapshot
    yield _gauge("users", "The current number of users", snapshot.users)
    yield _gauge("state", "2=spawning, 3=running, 4=stopping, 5=stopped", _state(outcome, is_over))
    yield from _totals(snapshot)
    yield from _window(window)
    yield from _steps(_by_name(snapshot.steps))
    yield _errors(snapshot)


def _state(outcome: Outcome, is_over: bool) -> int:
    if is_over:
        return STOPPED
    if outcome.stopped_by is not None:
        return STOPPING
    return SPAWNING if outcome.snapshot.users < outcome.snapshot.users_wanted else RUNNING


def _totals(snapshot: Snapshot) -> Iterator[Metric]:
    total, seconds = snapshot.total, snapshot.measured
    ended, failed = total.ok + total.failed, total.failed
    yield _gauge("duration", "The duration of load testing", seconds)
    yield _gauge(
        "total_average_response_time", "In milliseconds", (total.latency.mean or 0.0) * 1000
    )
    yield _gauge("total_rps", "The requests per second in total", _per(ended, seconds))
    yield _gauge("fail_ratio", "The ratio of request failures in total", _per(failed, ended))
    yield _gauge("total_fail_per_sec", "Failures per second in total", _per(failed, seconds))
    actions = snapshot.transactions
    yield _gauge("transactions_passed", "Passed transactions", sum(one.ok for one in actions))
    yield _gauge("transactions_failed", "Failed transactions", sum(one.failed for one in actions))


_PER_WINDOW: dict[str, Callable[[StepSnapshot, float], float]] = {
    "num_requests": lambda step, _: step.ok + step.failed,
    "num_failures": lambda step, _: step.failed,
    "median_response_time": lambda step, _: (step.latency.percentile(50) or 0.0) * 1000,
    "average_response_time": lambda step, _: (step.latency.mean or 0.0) * 1000,
    "min_response_time": lambda step, _: _low(step.latency) * 1000,
    "max_response_time": lambda step, _: step.latency.high * 1000,
    "average_content_length": lambda step, _: _per(step.bytes_in, step.ok + step.failed),
    "current_rps": lambda step, seconds: _per(step.ok + step.failed, seconds),
    "current_fail_per_sec": lambda step, seconds: _per(step.failed, seconds),
}


def _window(window: Window) -> Iterator[Metric]:
    steps = _by_name(window.steps)
    for name, value in _PER_WINDOW.items():
        rows = ((_labels(step), value(step, window.seconds)) for step in steps)
        yield _gauges(name, name.replace("_", " "), rows)


def _steps(steps: Sequence[StepSnapshot]) -> Iterator[Metric]:
    counted = ((_labels(step), step.ok + step.failed) for step in steps)
    yield _gauges("total_num_requests", "The number of requests in total", counted)
    failed = ((_labels(step), step.failed) for step in steps)
    yield _gauges("total_num_failures", "The number of failures in total", failed)
    lowest = ((_labels(step), _low(step.latency) * 1000) for step in steps)
    yield _gauges("total_min_response_time", "In milliseconds", lowest)
    highest = ((_labels(step), step.latency.high * 1000) for step in steps)
    yield _gauges("total_max_response_time", "In milliseconds", highest)
    yield _summary(steps)


def _by_name(steps: Sequence[StepSnapshot]) -> list[StepSnapshot]:
    """Return one row per method and name, because hrp has no label for the case."""
    named: dict[tuple[str, str], list[StepSnapshot]] = defaultdict(list)
    for step in bounded(steps):
        named[_labels(step)].append(step)
    return [
        rows[0] if len(rows) == 1 else sum_steps(rows, "", name, method)
        for (method, name), rows in named.items()
    ]


def _errors(snapshot: Snapshot) -> Metric:
    methods = {(step.case, step.name): step.type for step in snapshot.steps}
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in snapshot.errors[:_MOST_ERRORS]:
        method = methods.get((one.case, one.step), "")
        counts[label(method), label(one.step), f"{one.kind} {one.detail}".strip()] += one.count
    text = "The errors of load testing"
    return _gauges("errors", text, counts.items(), (*_LABELS, "error"))


def _summary(steps: Iterable[StepSnapshot]) -> Metric:
    family = SummaryMetricFamily("response_time", "Response times in ms", labels=_LABELS)
    for step in steps:
        labels, latency = dict(zip(_LABELS, _labels(step), strict=True)), step.latency
        family.add_metric(_labels(step), latency.count, latency.total * 1000)
        for percent, value in zip((50, 90, 95), latency.percentiles((50, 90, 95)), strict=True):
            if value is not None:
                quantile = {"quantile": f"{percent / 100:g}"}
                family.add_sample("response_time", {**labels, **quantile}, value * 1000)
    return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)


def _gauges(
    name: str,
    text: str,
    rows: Iterable[tuple[Sequence[str], float]],
    labels: Sequence[str] = _LABELS,
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _labels(step: StepSnapshot) -> tuple[str, str]:
    return label(step.type), label(step.name)


def _low(histogram: Histogram) -> float:
    return histogram.low if histogram.count else 0.0


def _per(number: float, whole: float) -> float:
    return number / whole if whole else 0.0
