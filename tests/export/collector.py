"""Run an OpenTelemetry collector that only remembers the metrics that it was sent."""

from __future__ import annotations

from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from .gateway import serving

Labels = tuple[tuple[str, str], ...]


class Collector(ThreadingHTTPServer):
    """Answers every POST with this status and number of refused values."""

    def __init__(self, status: int = 200, refused: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.status = status
        answer = ExportMetricsServiceResponse()
        answer.partial_success.rejected_data_points = refused
        answer.partial_success.error_message = "too many" if refused else ""
        self.answer = answer.SerializeToString()
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.requests: list[ExportMetricsServiceRequest] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.headers.append(dict(self.headers))
        self.server.requests.append(ExportMetricsServiceRequest.FromString(body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


def collecting(status: int = 200, refused: int = 0) -> AbstractContextManager[Collector]:
    return serving(Collector(status, refused))


def labels_of(point: object) -> Labels:
    return tuple(sorted((one.key, one.value.string_value) for one in point.attributes))


def points(request: ExportMetricsServiceRequest) -> dict[str, dict[Labels, object]]:
    """Return the points of each metric by their labels."""
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    found = {}
    for metric in scope.metrics:
        data = getattr(metric, metric.WhichOneof("data"))
        found[metric.name] = {labels_of(one): one for one in data.data_points}
        assert len(found[metric.name]) == len(data.data_points), metric.name
    return found
