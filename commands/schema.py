"""`boomtalk schema`: the format of files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from . import assembly
from .border import ending_with_a_code
from .flags import parsers

KINDS = ("case", "profile")
Kind = Annotated[
    str,
    typer.Argument(
        metavar="[case|profile]",
        help="Files to describe; default: case.",
        show_default=False,
        parser=parsers.choice(*KINDS),
        autocompletion=lambda: list(KINDS),
    ),
]


@ending_with_a_code
def schema(context: typer.Context, kind: Kind = "case") -> None:
    """Print the JSON schema (draft 7) of case files, or of profiles, for editors."""
    assembly.print_schema(kind, context)
