"""The flags of `doctor`."""

from __future__ import annotations

from pathlib import Path

from .group import FlagGroup, Panel
from .output import json_flag, no_color_flag
from .plugin import python_flag

switch = Panel("Load").switch


class DoctorFlags(FlagGroup):
    """What is looked at, and where the findings go."""

    no_ceiling: bool = switch(
        "--no-ceiling", "Do not measure the highest request rate of this machine."
    )
    python: str | None = python_flag()
    json: Path | None = json_flag()
    no_color: bool = no_color_flag()
