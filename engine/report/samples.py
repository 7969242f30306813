"""Write every request as a line of JSON."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..measure.samples import Sample
from ..output.json_text import json_line, ms_of
from ..output.lines import LineFile


def sample_file(path: Path) -> LineFile:
    """Open a file for samples (`-` is stdout); raises UsageError if it cannot be opened."""
    try:
        return LineFile.open(path)
    except OSError as error:
        raise UsageError(f"cannot write samples to {path}: {error.strerror}") from error


def line_of(sample: Sample) -> bytes:
    """Return a sample as a line of JSON."""
    return json_line(
        {
            "id": sample.id,
            "case": sample.case,
            "step": sample.step,
            "start": round(sample.start, 6),
            "kind": sample.kind,
            "detail": sample.detail,
            "latency_ms": ms_of(sample.latency),
            "response_ms": ms_of(sample.response),
            "connect_ms": ms_of(sample.connect),
            "status": sample.status,
        }
    )
