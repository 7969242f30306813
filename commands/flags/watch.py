"""The flag of commands that can run again after each change of their files."""

from __future__ import annotations

from .group import FlagGroup, Panel

switch = Panel("Output").switch


class WatchFlags(FlagGroup):
    """Whether a command runs once, or again and again."""

    watch: bool = switch(
        "--watch", "Run again after each change of cases, debugtalk.py, data or .env; Ctrl-C ends."
    )
