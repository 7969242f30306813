"""This module compiles regular expressions, searches by them, and says why one fails."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from .time_limit import SearchTooLong, limited


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression; raises ValueError saying what is wrong."""
    try:
        with warnings.catch_warnings():
            # What a later Python may read in another way is no trouble of this run.
            warnings.simplefilter("ignore")
            return re.compile(text)
    except RecursionError as error:
        raise ValueError("not a regular expression: nested too deeply") from error
    except Exception as error:  # `re` also raises OverflowError and others
        raise ValueError(f"not a regular expression: {error}") from error


def search_by(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Search, not anchored; raises ValueError, which says what to do, for one that does not end."""
    try:
        return limited(pattern.search, text)
    except SearchTooLong as error:
        hint = "no part of a pattern should match the same text in many ways, as (a+)+ does"
        raise ValueError(f"{error}: {hint}") from error
