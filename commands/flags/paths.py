"""The argument of commands that take case files."""

from __future__ import annotations

from typing import Annotated

import typer

Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH", help="Case files, folders of them, or a URL to GET."),
]
