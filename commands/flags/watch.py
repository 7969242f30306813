"""The flag of commands that can run again after each change of their files."""

from __future__ import annotations

from dataclasses import dataclass

from .group import Panel

switch = Panel("Output").switch


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFlags:
    """Whether a command runs once, or again and again."""

    watch: bool = switch(
        "--watch", "Run again after each change of cases, debugtalk.py, data or .env; Ctrl-C ends."
    )
