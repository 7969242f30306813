"""`boomtalk report`: a run directory, rendered again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.group import Panel, with_flags
from .flags.output import ReportFlags, no_color_flag, quiet_flag

flag = Panel("Output").flag
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory, as --out names.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFlags(ReportFlags):
    """The forms in which a run is shown again."""

    curl: int | None = flag(
        "--curl",
        "N",
        "Print the first N recorded requests as curl commands instead: failed ones, then slow.",
        min=1,
    )
    quiet: bool = quiet_flag()
    no_color: bool = no_color_flag()


@with_flags
def report(directory: Directory, flags: RenderFlags) -> None:
    """Show a run again from its directory, also one that was killed."""
    assembly.render_run(directory, flags)
