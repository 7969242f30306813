"""`boomtalk doctor`: a look at this machine before a load test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.group import Panel, with_flags
from .flags.output import json_flag, no_color_flag
from .flags.plugin import python_flag

switch = Panel("Load").switch
Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Projects, or folders of them; default: this one."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFlags:
    """What is looked at, and where the findings go."""

    no_ceiling: bool = switch(
        "--no-ceiling", "Do not measure the highest request rate of this machine."
    )
    python: str | None = python_flag()
    json: Path | None = json_flag()
    no_color: bool = no_color_flag()


@with_flags
def doctor(flags: DoctorFlags, paths: Folders = None) -> None:
    """Look at this machine: limits, versions, interpreters, and how fast it can be."""
    assembly.diagnose(paths or [Path()], flags)
