"""Make an OTLP request of Prometheus metrics.

Names and labels stay as they are, and units are told by names, so that a Prometheus server behind
the collector has the same time series as one that scrapes
(opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from prometheus_client.core import Metric
from prometheus_client.samples import Sample

_UNITS = {"seconds": "s", "bytes": "By", "ratio": "1"}
_CUMULATIVE = pb.AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE


@dataclass(frozen=True, slots=True)
class Times:
    """Moments in nanoseconds since 1970: counting from `load`, or for steps from `steps`, to `now`.

    Steps count from the end of the warm-up.
    """

    load: int
    steps: int
    now: int


def request_of(
    metrics: Iterable[Metric], times: Times, about: Mapping[str, str]
) -> ExportMetricsServiceRequest:
    """Return the request that reports these metrics; `about` describes the program."""
    rows = [_metric(one, times) for one in metrics]
    scope = pb.ScopeMetrics(scope=InstrumentationScope(name="boomtalk"), metrics=rows)
    resource = Resource(attributes=_attributes(about))
    return ExportMetricsServiceRequest(
        resource_metrics=[pb.ResourceMetrics(resource=resource, scope_metrics=[scope])]
    )


def _metric(metric: Metric, times: Times) -> pb.Metric:
    make = partial(pb.Metric, description=metric.documentation, unit=_unit(metric.name))
    if metric.type == "histogram":
        histograms = [_histogram(rows, times) for rows in _by_labels(metric.samples)]
        data = pb.Histogram(data_points=histograms, aggregation_temporality=_CUMULATIVE)
        return make(name=metric.name, histogram=data)
    if metric.type == "counter":
        counts = [_number(sample, times, _start(sample, times)) for sample in metric.samples]
        total = pb.Sum(data_points=counts, aggregation_temporality=_CUMULATIVE, is_monotonic=True)
        return make(name=f"{metric.name}_total", sum=total)
    gauge = pb.Gauge(data_points=[_number(sample, times, 0) for sample in metric.samples])
    return make(name=metric.name, gauge=gauge)


def _number(sample: Sample, times: Times, start: int) -> pb.NumberDataPoint:
    return pb.NumberDataPoint(
        attributes=_attributes(sample.labels),
        start_time_unix_nano=start,
        time_unix_nano=times.now,
        as_double=sample.value,
    )


def _histogram(rows: Sequence[Sample], times: Times) -> pb.HistogramDataPoint:
    buckets = [(row.labels["le"], row.value) for row in rows if "le" in row.labels]
    values = {row.name.rpartition("_")[2]: row.value for row in rows if "le" not in row.labels}
    below = [0.0, *(number for _, number in buckets)]
    return pb.HistogramDataPoint(
        attributes=_attributes(_without_edge(rows[0])),
        start_time_unix_nano=_start(rows[0], times),
        time_unix_nano=times.now,
        count=int(values["count"]),
        sum=values["sum"],
        explicit_bounds=[float(edge) for edge, _ in buckets[:-1]],
        bucket_counts=[int(high - low) for low, high in pairwise(below)],
    )


def _by_labels(samples: Iterable[Sample]) -> Iterator[Sequence[Sample]]:
    for _, rows in groupby(samples, _without_edge):
        yield list(rows)


def _without_edge(sample: Sample) -> Mapping[str, str]:
    return {name: value for name, value in sample.labels.items() if name != "le"}


def _start(sample: Sample, times: Times) -> int:
    return times.steps if "step" in sample.labels else times.load


def _unit(name: str) -> str:
    return _UNITS.get(name.rpartition("_")[2], "")


def _attributes(labels: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in labels.items()]
