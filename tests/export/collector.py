"""Run an OpenTelemetry collector that only remembers the metrics that it was sent."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .gateway import serving

Labels = tuple[tuple[str, str], ...]


class Collector(ThreadingHTTPServer):
    """Answers every POST with this status and number of refused values."""

    def __init__(self, status: int = 200, refused: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.status = status
        partial = {"rejectedDataPoints": str(refused), "errorMessage": "too many"}
        self.answer = json.dumps({"partialSuccess": partial} if refused else {}).encode()
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.requests: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.headers.append(dict(self.headers))
        self.server.requests.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


def collecting(status: int = 200, refused: int = 0) -> AbstractContextManager[Collector]:
    return serving(Collector(status, refused))


def labels_of(point: dict[str, Any]) -> Labels:
    return tuple(sorted((one["key"], one["value"]["stringValue"]) for one in point["attributes"]))


def metrics_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    (resource,) = request["resourceMetrics"]
    (scope,) = resource["scopeMetrics"]
    return scope["metrics"]


def points(request: dict[str, Any]) -> dict[str, dict[Labels, dict[str, Any]]]:
    """Return the points of each metric by their labels."""
    found = {}
    for metric in metrics_of(request):
        (data,) = (metric[kind] for kind in ("sum", "gauge", "histogram") if kind in metric)
        found[metric["name"]] = {labels_of(one): one for one in data["dataPoints"]}
        assert len(found[metric["name"]]) == len(data["dataPoints"]), metric["name"]
    return found
