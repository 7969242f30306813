"""This module compiles regular expressions and says why one cannot be read."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache


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
