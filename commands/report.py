"""`boomtalk report`: a run directory, rendered again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.group import with_flags
from .flags.rendering import RenderFlags

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory, as --out names.")]


@with_flags
def report(directory: Directory, flags: RenderFlags) -> None:
    """Show a run again from its directory, also one that was killed."""
    assembly.render_run(directory, flags)
