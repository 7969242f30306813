"""`boomtalk report`: a run directory, rendered again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .flags import Csv, Html, Json, Junit, Markdown, NoColor, Quiet
from .voices import Screen, console_for

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory, as --out names.")]

Curl = Annotated[
    int | None,
    typer.Option(
        "--curl",
        metavar="N",
        min=1,
        help="Print the first N kept requests as curl commands instead: failed ones, then slow.",
    ),
]


def report(
    directory: Directory,
    json: Json = None,
    csv: Csv = None,
    junit: Junit = None,
    html: Html = None,
    markdown: Markdown = None,
    curl: Curl = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Show a run again from its directory, also one that was killed."""
    from boomtalk.engine.page.page import page_of
    from boomtalk.engine.record.curls import curls_of
    from boomtalk.engine.record.reading import Record
    from boomtalk.engine.report.result_files import ResultFiles
    from boomtalk.engine.report.summary import summary

    files = ResultFiles(json, csv, junit, html, markdown)
    files.open()
    record = Record(directory)
    files.write(record.report, lambda: page_of(record))
    if curl:
        typer.echo("\n".join(curls_of(record.samples(), curl)))
    elif not quiet:
        console = console_for(Screen(False, quiet, no_color, "warning"), *files.paths)
        console.print(summary(record.report, console.width))
