"""Make the metrics of `/metrics`.

Their names follow Prometheus's rules: base units, and `_total` for counters
(prometheus.io/docs/practices/naming).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from ..load.bottleneck import LIMITS, limit_of
from ..load.load_run import Outcome
from ..load.shape import Load
from ..measure.histogram import Histogram
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import BANDS, StepSnapshot
from .bounded import bounded, code_label
from .labels import label

_STEP = ("case", "step", "type")
_OUTCOMES = ("ok", "failed", "cancelled", "not_issued")
_CALLS = ("ok", "errors", "timeouts", "crashed", "cancelled", "unavailable")
_Rows = Iterable[tuple[Sequence[str], float]]


def families(outcome: Outcome, load: Load) -> Iterator[Metric]:
    """Yield every metric of this outcome of the load."""
    snapshot, steps = outcome.snapshot, bounded(outcome.snapshot.steps)
    yield _gauge("users", "Users at work.", snapshot.users)
    yield _gauge("in_flight", "Requests without an end so far.", snapshot.accounting.in_flight)
    yield _counter("requests", "Requests by how they ended.", (*_STEP, "outcome"), _requests(steps))
    codes = _responses(steps)
    yield _counter("responses", "Responses by status code.", (*_STEP, "code"), codes)
    received = ((_labels(step), step.bytes_in) for step in steps)
    yield _counter("received_bytes", "Decoded body bytes.", _STEP, received)
    yield _latency("latency_seconds", "First byte written to last byte read.", steps)
    yield _counter("failures", "Failed and not issued.", ("kind", "detail"), _failures(outcome))
    yield _counter("iterations", "Iterations by end.", ("outcome",), _iterations(outcome))
    yield from _generator(outcome)
    yield _limit(outcome, load)
    yield from _plugins(outcome.plugins)


def _generator(outcome: Outcome) -> Iterator[Metric]:
    health = outcome.health
    yield _gauge("trusted", "1 while the figures are mostly the target's.", health.is_trusted)
    yield _gauge("cpu_ratio", "The generator's current share of one core.", health.cpu_now / 100)
    yield _gauge("resident_memory_bytes", "The generator's memory.", health.rss)
    if health.latency_error is not None:
        help_ = "Seconds that the generator may have added to p99 of the latency."
        yield _gauge("latency_error_seconds", help_, health.latency_error)
    lag = health.lag.percentile(99)
    if lag is not None:
        yield _gauge("lag_p99_seconds", "Lag of the event loop since the start, p99.", lag)


def _limit(outcome: Outcome, load: Load) -> Metric:
    now = limit_of(outcome.snapshot, outcome.health, outcome.plugins, load).name
    rows = (((name,), float(name == now)) for name in LIMITS)
    return _gauges("limited_by", "1 for what limits the throughput so far.", ("what",), rows)


def _plugins(views: Sequence[PluginSnapshot]) -> Iterator[Metric]:
    alive = sum(view.pid is not None for view in views)
    yield _gauge("plugin_processes", "Plugin processes alive.", alive)
    calls = _by_path(views, _CALLS)
    yield _counter("plugin_calls", "Plugin calls by outcome.", ("path", "outcome"), calls.items())
    starts = (((path,), number) for (path, _), number in _by_path(views, ("restarts",)).items())
    yield _counter("plugin_restarts", "Restarts of plugin processes.", ("path",), starts)
    memory = (((path,), number) for (path, _), number in _by_path(views, ("rss",)).items())
    help_ = "The memory of plugin processes."
    yield _gauges("plugin_resident_memory_bytes", help_, ("path",), memory)


def _by_path(
    views: Iterable[PluginSnapshot], names: Sequence[str]
) -> Mapping[tuple[str, str], float]:
    """Return the sum of each number per path: with shards, a path has one process on each."""
    sums: Counter[tuple[str, str]] = Counter()
    for view in views:
        for name in names:
            sums[view.path, name] += getattr(view, name) or 0
    return sums


def _requests(steps: Iterable[StepSnapshot]) -> _Rows:
    for step in steps:
        for outcome in _OUTCOMES:
            yield (*_labels(step), outcome), getattr(step, outcome)


def _responses(steps: Iterable[StepSnapshot]) -> _Rows:
    for step in steps:
        counts: Counter[str] = Counter()
        for code, number in step.status.items():
            counts[code_label(code)] += number
        for shown in sorted(counts):
            yield (*_labels(step), shown), counts[shown]


def _failures(outcome: Outcome) -> _Rows:
    counts: Counter[tuple[str, str]] = Counter()
    for error in outcome.snapshot.errors:
        counts[error.kind, error.detail] += error.count
    return counts.items()


def _iterations(outcome: Outcome) -> _Rows:
    counts = outcome.snapshot.iterations
    for end in ("completed", "failed", "interrupted", "dropped"):
        yield (end,), getattr(counts, end)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"boomtalk_{name}", text, value)


def _gauges(name: str, text: str, labels: Sequence[str], rows: _Rows) -> Metric:
    family = GaugeMetricFamily(f"boomtalk_{name}", text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _counter(name: str, text: str, labels: Sequence[str], rows: _Rows) -> Metric:
    family = CounterMetricFamily(f"boomtalk_{name}", text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _latency(name: str, text: str, steps: Iterable[StepSnapshot]) -> Metric:
    family = HistogramMetricFamily(f"boomtalk_{name}", text, labels=_STEP)
    for step in steps:
        family.add_metric(_labels(step), cumulated(step.latency), step.latency.total)
    return family


def _labels(step: StepSnapshot) -> tuple[str, str, str]:
    return label(step.case), label(step.name), label(step.type)


def cumulated(histogram: Histogram) -> list[tuple[str, float]]:
    """Return the cumulative counts that a Prometheus histogram wants, one per edge of `BANDS`.

    A bucket that contains an edge counts as below it, an error of at most 0.8 % of the edge.
    """
    found: list[tuple[str, float]] = []
    buckets = iter([*sorted(histogram.counts), _BEYOND])
    bucket, below = next(buckets), 0
    for edge, last in _LAST_BUCKETS:
        while bucket <= last:
            below += histogram.counts[bucket]
            bucket = next(buckets)
        found.append((f"{edge:g}", below))
    return [*found, ("+Inf", histogram.count)]


def _bucket(value: float) -> int:
    histogram = Histogram()
    histogram.add([value])
    return next(iter(histogram.counts))


# Edges and the bucket that contains each: the buckets of a histogram have no edges at 1 ms, 2 ms.
_LAST_BUCKETS = tuple((edge, _bucket(edge)) for edge in BANDS)
_BEYOND = 1 << 16
