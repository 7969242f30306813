"""The shape of a report: all that its readers use."""

from __future__ import annotations

from ..output.shape import (
    ANY,
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Kind,
    Later,
    Named,
    Nullable,
)

# Readers count through the seconds of a run: a month of them, so that a wrong one costs no memory.
_SECOND = Kind("a second of a run", lambda value: value.__class__ is int and abs(value) < 3_000_000)
_CODE = Nullable(WHOLE)
_KNOWN_NUMBER = Nullable(NUMBER)
_TIMES = {
    "count": COUNT,
    **dict.fromkeys(("min", "mean", "p50", "p90", "p95", "p99", "p999", "max"), _KNOWN_NUMBER),
}
_ROW = {
    **dict.fromkeys(("issued", "ok", "failed", "cancelled", "not_issued", "bytes_in"), COUNT),
    "rate": NUMBER,
    "latency_ms": _TIMES,
    "response_ms": Nullable(_TIMES),
    "connect_ms": _TIMES,
    "status": Later(Named(COUNT)),
}
ABOUT = {
    "schema": COUNT,
    "tool": {"version": TEXT},
    "command": [TEXT],
    "name": Nullable(TEXT),
    "tags": Named(TEXT),
    "started_at": TEXT,
}
ERROR = {
    **dict.fromkeys(("kind", "detail", "case", "step", "message"), TEXT),
    "count": COUNT,
    "first_at": NUMBER,
    "last_at": NUMBER,
    "traceback": Later(Nullable(TEXT)),
    "check": Later(TEXT),
    "examples": Later([TEXT]),
}
_FUNCTION = {"name": TEXT, "calls": COUNT, "errors": COUNT, "run_ms": _TIMES}
_CALLS = ("calls", "ok", "errors", "timeouts", "crashed", "cancelled", "unavailable")
_PLUGIN = {
    "path": TEXT,
    **dict.fromkeys(("starts", "restarts", *_CALLS), COUNT),
    "rss_peak_mb": _KNOWN_NUMBER,
    "run_seconds": Later(NUMBER),
    "wait_ms": _TIMES,
    "run_ms": _TIMES,
    "functions": [_FUNCTION],
}
_HEALTH = {
    "trusted": FLAG,
    "limited_by": TEXT,
    "evidence": TEXT,
    "cpu_percent": {"mean": NUMBER, "peak": NUMBER},
    "lag_ms": _TIMES,
    "rss_peak_mb": NUMBER,
    "bad_seconds": COUNT,
    "degraded_seconds": COUNT,
}
_SHARD = {
    "id": WHOLE,
    "host": TEXT,
    "users": COUNT,
    "state": TEXT,
    "lost_at": _KNOWN_NUMBER,
    "missing": Nullable(COUNT),
    "why": Later(Nullable(TEXT)),
}
SECOND = {
    "t": _SECOND,
    **dict.fromkeys(("users", "issued", "ok", "failed"), COUNT),
    **dict.fromkeys(("p50_ms", "p99_ms", "lag_ms"), _KNOWN_NUMBER),
    "plugins": Nullable(COUNT),
}
MARK = {"t": NUMBER, "what": TEXT}
# The parts that a record holds as of the end of each second.
PROGRESS = {
    "duration": NUMBER,
    "stopped_by": Nullable(TEXT),
    "load": {
        "model": TEXT,
        **dict.fromkeys(("users", "peak_users"), COUNT),
        "never_started": COUNT,
        "iterations": Nullable(COUNT),
    },
    "accounting": dict.fromkeys(
        ("issued", "ok", "failed", "cancelled", "in_flight", "not_issued"), COUNT
    ),
    "wire": dict.fromkeys(("requests", "redirects", "bytes_out", "bytes_in"), COUNT),
    "iterations": dict.fromkeys(
        ("planned", "started", "completed", "failed", "interrupted", "dropped"), COUNT
    ),
    "errors": Later([ERROR]),
    "plugins": [_PLUGIN],
    "processes": ANY,
    "health": _HEALTH,
    "thresholds": [{"expression": TEXT, "value": _KNOWN_NUMBER, "passed": FLAG}],
    "shards": Later(Nullable([_SHARD])),
}
REPORT = {
    **ABOUT,
    **PROGRESS,
    "errors": [ERROR],
    "exit_code": _CODE,
    "warmup": {"duration": NUMBER, "total": Nullable(_ROW)},
    "steps": [{"case": TEXT, "name": TEXT, "type": TEXT, **_ROW}],
    "transactions": [
        {
            **dict.fromkeys(("case", "name"), TEXT),
            **dict.fromkeys(("ok", "failed", "interrupted"), COUNT),
            "duration_ms": _TIMES,
        }
    ],
    "total": _ROW,
    "parameters": ANY,
    "seconds": [SECOND],
    "marks": [MARK],
    "samples": ANY,
}
