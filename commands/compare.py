"""`boomtalk compare`: two run directories side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .flags import FailIfWorse, Json, NoColor, Quiet
from .voices import Screen, console_for

if TYPE_CHECKING:
    from boomtalk.engine.compare.comparison import Side

Before = Annotated[Path, typer.Argument(metavar="A", help="The run directory before.")]
After = Annotated[Path, typer.Argument(metavar="B", help="The run directory after.")]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="A table for a pull request.")
]
Force = Annotated[bool, typer.Option("--force", help="Compare although a run was not trusted.")]


def compare(
    a: Before,
    b: After,
    fail_if_worse: FailIfWorse = None,
    json: Json = None,
    markdown: Markdown = None,
    force: Force = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Tell what became better or worse from run A to run B, beyond the noise within them."""
    from boomtalk.engine.compare.comparison import compare as compared
    from boomtalk.engine.compare.show import as_dict, shown
    from boomtalk.engine.compare.show import markdown as markdown_of
    from boomtalk.engine.output.files import deliver
    from boomtalk.engine.output.json_text import json_page
    from boomtalk.engine.report.result_files import ResultFiles

    for path in (json, markdown):
        ResultFiles(path).open()
    comparison = compared(trusted_side(a, force), trusted_side(b, force), fail_if_worse)
    if json is not None:
        deliver(json, json_page(as_dict(comparison)))
    if markdown is not None:
        deliver(markdown, markdown_of(comparison).encode())
    if not quiet:
        console = console_for(Screen(False, quiet, no_color, "warning"), json, markdown)
        console.print(shown(comparison))
    sys.exit(1 if comparison.fails(fail_if_worse) else 0)


def trusted_side(directory: Path, force: bool = False) -> Side:
    """Read a run to compare; raises UsageError, also for one that was not trusted."""
    from boomtalk.engine.compare.comparison import Side
    from boomtalk.engine.errors import UsageError
    from boomtalk.engine.record.reading import Record

    side = Side.of(Record(directory))
    if not (side.is_trusted or force):
        raise UsageError(
            f"{directory} cannot be compared: its generator fell behind, so its numbers are not"
            " the target's",
            "run it again with fewer users or on a quieter machine (compare --force goes on)",
        )
    return side
