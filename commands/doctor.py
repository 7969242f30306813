"""`boomtalk doctor`: a look at this machine before a load test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.doctor import DoctorFlags
from .flags.group import with_flags

Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Projects, or folders of them; default: this one."),
]


@with_flags
def doctor(flags: DoctorFlags, paths: Folders = None) -> None:
    """Look at this machine: limits, versions, interpreters, and how fast it can be."""
    assembly.diagnose(paths or [Path()], flags)
