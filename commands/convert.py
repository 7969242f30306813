"""`boomtalk convert`: cases from the files of other tools."""

from __future__ import annotations

from typing import Annotated

import typer

from . import assembly
from .flags.converting import ConvertFlags
from .flags.group import with_flags

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="HAR, Postman collection or environment, curl, OpenAPI 3, Swagger 2; - is stdin.",
    ),
]


@with_flags
def convert(files: Sources, flags: ConvertFlags) -> None:
    """Turn HAR, Postman, curl and OpenAPI files into cases."""
    assembly.convert_files(files, flags)
