"""The shapes of the lines of a record, by the word under `record`."""

from __future__ import annotations

from ..output.shape import COUNT, NUMBER, TEXT, Later, Named, Nullable, Shape, Whole
from ..report.report_shape import ABOUT, ERROR, MARK, PROGRESS, SECOND

# The upper half of an IEEE single that is not negative.
_BUCKET = Whole("a bucket", 0, 0x7F80)
_HISTOGRAM = {
    "buckets": [_BUCKET],
    "counts": [COUNT],
    "total": NUMBER,
    "low": Nullable(NUMBER),
    "high": NUMBER,
}
_TIMES = Later(_HISTOGRAM)
_COUNT = Later(COUNT)
# Zeros and empty histograms are left out.
_ROW = {
    **dict.fromkeys(("issued", "ok", "failed", "cancelled", "not_issued", "bytes_in"), _COUNT),
    **dict.fromkeys(("latency", "connect", "response"), _TIMES),
    "status": Later(Named(COUNT)),
}
_STEP = {"case": TEXT, "name": TEXT, "type": TEXT, **_ROW}
_TRANSACTION = {
    "case": TEXT,
    "name": TEXT,
    **dict.fromkeys(("ok", "failed", "interrupted"), _COUNT),
    "duration": _TIMES,
}
_ORIGIN = {
    "files": [{"path": TEXT, "sha256": TEXT}],
    "git_revision": Nullable(TEXT),
    "machine": {"system": TEXT, "python": TEXT, "cores": Nullable(COUNT), "memory_mb": COUNT},
}
SHAPES: dict[str, Shape] = {
    "run": {**ABOUT, "origin": _ORIGIN, "so_far": {**PROGRESS, "errors": [ERROR]}},
    "second": {
        **SECOND,
        "elapsed": NUMBER,
        "steps": [_STEP],
        "warmup": Nullable(_STEP),
        "transactions": [_TRANSACTION],
        "so_far": PROGRESS,
    },
    "event": MARK,
    "sample": {
        "at": NUMBER,
        **dict.fromkeys(("why", "kind", "detail", "message", "case", "step"), TEXT),
        "latency_ms": Nullable(NUMBER),
        "curl": Nullable(TEXT),
    },
}
