"""The HTML page of a run that has just ended."""

from __future__ import annotations

from pathlib import Path

from boomtalk.engine.errors import ResultsError, UsageError
from boomtalk.engine.page.page import page_of
from boomtalk.engine.record.reading import Record


def record_page(directory: Path) -> bytes:
    """Return the page of the run that is recorded there; raises ResultsError."""
    try:
        return page_of(Record(directory))
    except UsageError as error:
        raise ResultsError(f"no page: {error}") from error
