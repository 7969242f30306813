"""`boomtalk compare`: two run directories side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.group import Panel, with_flags
from .flags.output import json_flag, markdown_flag, no_color_flag, quiet_flag
from .flags.verdict import fail_if_worse_flag

switch = Panel("Verdict").switch
Before = Annotated[Path, typer.Argument(metavar="A", help="The earlier run directory.")]
After = Annotated[Path, typer.Argument(metavar="B", help="The later run directory.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareFlags:
    """When a comparison fails, and where it goes."""

    fail_if_worse: float | None = fail_if_worse_flag()
    force: bool = switch("--force", "Compare even if a run was not trusted.")
    json: Path | None = json_flag()
    markdown: Path | None = markdown_flag()
    quiet: bool = quiet_flag()
    no_color: bool = no_color_flag()


@with_flags
def compare(a: Before, b: After, flags: CompareFlags) -> None:
    """Show what became better or worse from run A to run B, beyond the noise within them."""
    assembly.compare_runs(a, b, flags)
