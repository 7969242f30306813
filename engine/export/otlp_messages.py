"""Make an OTLP request of Prometheus metrics, in its JSON form.

All collectors take JSON, too, and it needs no package: the one with OTLP's protobuf messages makes
a module `opentelemetry`, and Ray does not start if that is there without the rest of its SDK.

Names and labels stay as they are, and units are told by names, so that a Prometheus server behind
the collector has the same time series as one that scrapes
(opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from msgspec import Struct
from prometheus_client.core import Metric
from prometheus_client.samples import Sample

_UNITS = {"seconds": "s", "bytes": "By", "ratio": "1"}
_CUMULATIVE = 2  # AGGREGATION_TEMPORALITY_CUMULATIVE

# A message, as the JSON form of protobuf has it: 64-bit integers are texts, enums are numbers
# (protobuf.dev/programming-guides/json).
Message = dict[str, Any]


class Times(Struct, frozen=True):
    """Moments in nanoseconds since 1970: counting from `load`, or for steps from `steps`, to `now`.

    Steps count from the end of the warm-up.
    """

    load: int
    steps: int
    now: int


def request_of(metrics: Iterable[Metric], times: Times, about: Mapping[str, str]) -> Message:
    """Return the request that reports these metrics; `about` describes the program."""
    rows = [_metric(one, times) for one in metrics]
    scope = {"scope": {"name": "boomtalk"}, "metrics": rows}
    resource = {"attributes": _attributes(about)}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [scope]}]}


def _metric(metric: Metric, times: Times) -> Message:
    told = {"description": metric.documentation, "unit": _unit(metric.name)}
    if metric.type == "histogram":
        histograms = [_histogram(rows, times) for rows in _by_labels(metric.samples)]
        data = {"dataPoints": histograms, "aggregationTemporality": _CUMULATIVE}
        return {"name": metric.name, **told, "histogram": data}
    if metric.type == "counter":
        counts = [_number(one, times) | _began(one, times) for one in metric.samples]
        total = {"dataPoints": counts, "aggregationTemporality": _CUMULATIVE, "isMonotonic": True}
        return {"name": f"{metric.name}_total", **told, "sum": total}
    numbers = [_number(sample, times) for sample in metric.samples]
    return {"name": metric.name, **told, "gauge": {"dataPoints": numbers}}


def _number(sample: Sample, times: Times) -> Message:
    return {
        "attributes": _attributes(sample.labels),
        "timeUnixNano": str(times.now),
        "asDouble": sample.value,
    }


def _histogram(rows: Sequence[Sample], times: Times) -> Message:
    buckets = [(row.labels["le"], row.value) for row in rows if "le" in row.labels]
    values = {row.name.rpartition("_")[2]: row.value for row in rows if "le" not in row.labels}
    below = [0.0, *(number for _, number in buckets)]
    return {
        "attributes": _attributes(_without_edge(rows[0])),
        **_began(rows[0], times),
        "timeUnixNano": str(times.now),
        "count": str(int(values["count"])),
        "sum": values["sum"],
        "explicitBounds": [float(edge) for edge, _ in buckets[:-1]],
        "bucketCounts": [str(int(high - low)) for low, high in pairwise(below)],
    }


def _by_labels(samples: Iterable[Sample]) -> Iterator[Sequence[Sample]]:
    for _, rows in groupby(samples, _without_edge):
        yield list(rows)


def _without_edge(sample: Sample) -> Mapping[str, str]:
    return {name: value for name, value in sample.labels.items() if name != "le"}


def _began(sample: Sample, times: Times) -> Message:
    """Return since when a count counts."""
    return {"startTimeUnixNano": str(times.steps if "step" in sample.labels else times.load)}


def _unit(name: str) -> str:
    return _UNITS.get(name.rpartition("_")[2], "")


def _attributes(labels: Mapping[str, str]) -> list[Message]:
    return [{"key": key, "value": {"stringValue": text}} for key, text in labels.items()]
