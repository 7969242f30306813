"""The flags of `demo`."""

from __future__ import annotations

from pathlib import Path

from . import parsers
from .group import FlagGroup, Panel
from .output import json_flag, no_color_flag, plain_flag

flag = Panel("Load").flag


class DemoFlags(FlagGroup):
    """The flags of the demo."""

    users: int = flag("--users -u", "N", "Number of concurrent users.", default=200, min=1)
    duration: float = flag(
        "--duration -d", "TIME", "End after this time.", default="10s", parse=parsers.duration
    )
    json: Path | None = json_flag()
    plain: bool = plain_flag()
    no_color: bool = no_color_flag()
