"""The flags of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .group import Panel
from .output import json_flag, no_color_flag
from .plugin import python_flag

switch = Panel("Load").switch


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFlags:
    """What is looked at, and where the findings go."""

    no_ceiling: bool = switch(
        "--no-ceiling", "Do not measure the highest request rate of this machine."
    )
    python: str | None = python_flag()
    json: Path | None = json_flag()
    no_color: bool = no_color_flag()
