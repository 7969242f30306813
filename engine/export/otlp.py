"""Send metrics to an OpenTelemetry collector: OTLP over HTTP (opentelemetry.io/docs/specs/otlp)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from time import time_ns
from urllib.parse import unquote, urlsplit, urlunsplit

import orjson
from aiohttp import ClientSession, ClientTimeout

from ..errors import UsageError
from ..load.load_run import LoadRun
from ..measure.snapshot import Snapshot
from .families import families
from .otlp_messages import Times, request_of
from .pusher import Pusher

_EVERY_SECONDS = 5.0
# The end of a run waits for a push that is under way and for the last one: twice as long at most.
_TIMEOUT_SECONDS = 3.0
_TYPE = "application/json"
_PATH = "/v1/metrics"


class OtlpExport:
    """Sends all metrics of a run every few seconds, and those of its end. Each request has all
    counts since the beginning, so the next one makes up for one that failed.
    """

    def __init__(
        self,
        url: str,
        run: LoadRun,
        about: Mapping[str, str],
        headers: Mapping[str, str],
        warn: Callable[[str], None],
    ) -> None:
        """`about` describes the program, `headers` are sent with each request."""
        self._url = metrics_url(url)
        self._run = run
        self._about = about
        self._pusher = Pusher(self._url, _EVERY_SECONDS, self._push, warn)
        self._session = ClientSession(
            headers={**headers, "Content-Type": _TYPE},
            timeout=ClientTimeout(total=_TIMEOUT_SECONDS),
        )
        self._load_began = self._steps_began = 0

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Send while the body of the `with` runs, and once more after it."""
        async with self._session, self._pusher.running():
            yield

    async def _push(self, is_last: bool) -> None:
        outcome = self._run.progress()
        times = self._times(outcome.snapshot)
        message = request_of(families(outcome, self._run.load), times, self._about)
        body = orjson.dumps(message)
        async with self._session.post(self._url, data=body, allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError(f"it answered {response.status}")
            _check(await response.read())

    def _times(self, snapshot: Snapshot) -> Times:
        """Return the times of a push; a beginning that varied would look like a new count."""
        now = time_ns()
        if not self._load_began:
            self._load_began = now - int(snapshot.elapsed * 1e9)
        if self._steps_began <= self._load_began:
            self._steps_began = self._load_began + int(1e9 * (snapshot.elapsed - snapshot.measured))
        return Times(self._load_began, self._steps_began, now)


def metrics_url(url: str) -> str:
    """Return the address for metrics; its end may be left out, as OTLP exporters allow."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return url if path.endswith(_PATH) else urlunsplit(parts._replace(path=path + _PATH))


def headers_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that OpenTelemetry's variables ask for; raises UsageError.

    The form is `name=value,name=value`, percent-encoded
    (opentelemetry.io/docs/specs/otel/protocol/exporter).
    """
    headers = {}
    for variable in ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"):
        for pair in filter(None, environment.get(variable, "").split(",")):
            name, mark, value = pair.partition("=")
            if not mark or not name.strip():
                raise UsageError(f"{variable}: write it as NAME=VALUE,NAME=VALUE")
            headers[unquote(name.strip())] = unquote(value.strip())
    return headers


def _check(body: bytes) -> None:
    """Raise ValueError for an answer that cannot be read, or that tells of refused values."""
    answer = orjson.loads(body).get("partialSuccess") or {}
    if refused := int(answer.get("rejectedDataPoints", 0)):
        raise ValueError(f"it refused {refused} values: {answer.get('errorMessage', '')}")
