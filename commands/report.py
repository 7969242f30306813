"""`boomtalk report`: a run directory, rendered again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .flags import Csv, Json, Junit, NoColor, Quiet
from .voices import Screen, console_for

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory, as --out names.")]

Curl = Annotated[
    int,
    typer.Option(
        "--curl",
        metavar="N",
        min=1,
        show_default=False,
        help="Print the first N kept requests as curl commands instead: failed ones, then slow.",
    ),
]


def report(
    directory: Directory,
    json: Json = None,
    csv: Csv = None,
    junit: Junit = None,
    curl: Curl = 0,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Show a run again from its directory, also one that was killed."""
    from boomtalk.engine.record.curls import curls_of
    from boomtalk.engine.record.reading import Record
    from boomtalk.engine.report.files import ResultFiles
    from boomtalk.engine.report.summary import summary

    files = ResultFiles(json, csv, junit)
    files.open()
    record = Record(directory)
    files.write(record.report)
    if curl:
        typer.echo("\n".join(curls_of(record.samples(), curl)))
    elif not quiet:
        console = console_for(Screen(False, quiet, no_color, "warning"), json, csv, junit)
        console.print(summary(record.report, console.width))
