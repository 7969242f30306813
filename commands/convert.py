"""`boomtalk convert`: cases from the files of other tools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .flags.group import Panel, with_flags
from .flags.parsers import refusing

_OUTPUT, _HAR = Panel("Output"), Panel("HAR files")
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="HAR, Postman collection or environment, curl, OpenAPI 3; - is stdin.",
    ),
]


@refusing
def pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertFlags:
    """Where cases go, and which requests of a HAR file become steps."""

    output_dir: Path = _OUTPUT.flag(
        "--output-dir -o", "DIR", "Folder for the case files.", default=Path("converted")
    )
    force: bool = _OUTPUT.switch("--force", "Replace case files that exist already.")
    host: list[str] | None = _HAR.flag(
        "--host", "HOST", "Take only requests to this host (*.example.com: below it). Repeatable."
    )
    method: list[str] | None = _HAR.flag(
        "--method", "NAME", "Take only requests with this method. Repeatable."
    )
    include: re.Pattern[str] | None = _HAR.flag(
        "--include", "REGEX", "Take only requests whose URL this pattern matches.", parse=pattern
    )
    exclude: re.Pattern[str] | None = _HAR.flag(
        "--exclude", "REGEX", "Leave out requests whose URL this pattern matches.", parse=pattern
    )
    static: bool = _HAR.switch("--static", "Keep images, styles, scripts and fonts.")
    no_think_time: bool = _HAR.switch("--no-think-time", "Leave out the pauses between requests.")


@with_flags
def convert(files: Sources, flags: ConvertFlags) -> None:
    """Turn HAR, Postman, curl and OpenAPI files into cases."""
    assembly.convert_files(files, flags)
