"""`boomtalk compare`: two run directories side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.comparing import CompareFlags
from .flags.group import with_flags

Before = Annotated[Path, typer.Argument(metavar="A", help="The earlier run directory.")]
After = Annotated[Path, typer.Argument(metavar="B", help="The later run directory.")]


@with_flags
def compare(a: Before, b: After, flags: CompareFlags) -> None:
    """Show what became better or worse from run A to run B, beyond the noise within them."""
    assembly.compare_runs(a, b, flags)
