"""The forms of a report that few runs ask for; each is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .markdown import markdown_of as markdown_of
    from .tabular import csv_of as csv_of
    from .tabular import csv_seconds_of as csv_seconds_of
    from .tabular import junit_of as junit_of

_MODULES = {
    "markdown_of": "markdown",
    **dict.fromkeys(("csv_of", "csv_seconds_of", "junit_of"), "tabular"),
}
__all__ = sorted(_MODULES)
__getattr__ = lazy_names("boomtalk.engine.report", _MODULES)
