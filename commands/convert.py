"""`boomtalk convert`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from boomtalk.engine.convert.convert import Source

_HAR = "HAR files"

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="HAR, Postman collection or environment, curl, OpenAPI 3; - is stdin.",
    ),
]
Output = Annotated[
    Path, typer.Option("--output-dir", "-o", metavar="DIR", help="Folder for the case files.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace case files that are there already.")]
Hosts = Annotated[
    list[str] | None,
    typer.Option(
        "--host",
        metavar="HOST",
        rich_help_panel=_HAR,
        help="Only requests to it (*.example.com: below it); repeatable.",
    ),
]
Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method", metavar="NAME", rich_help_panel=_HAR, help="Only this method; repeatable."
    ),
]
Include = Annotated[
    str | None,
    typer.Option(
        "--include", metavar="REGEX", rich_help_panel=_HAR, help="Only URLs in which it is found."
    ),
]
Exclude = Annotated[
    str | None,
    typer.Option(
        "--exclude", metavar="REGEX", rich_help_panel=_HAR, help="No URLs in which it is found."
    ),
]
Static = Annotated[
    bool,
    typer.Option(
        "--static", rich_help_panel=_HAR, help="Keep images, styles, scripts and fonts, too."
    ),
]
NoThinkTime = Annotated[
    bool,
    typer.Option(
        "--no-think-time", rich_help_panel=_HAR, help="Leave out the pauses between requests."
    ),
]


def convert(
    files: Sources,
    output_dir: Output = Path("converted"),
    force: Force = False,
    host: Hosts = None,
    method: Methods = None,
    include: Include = None,
    exclude: Exclude = None,
    static: Static = False,
    no_think_time: NoThinkTime = False,
) -> None:
    """Turn HAR, Postman, curl and OpenAPI files into cases."""
    from boomtalk.engine.convert.convert import convert as converted_from
    from boomtalk.engine.convert.folder import Folder
    from boomtalk.engine.convert.har import Wanted
    from boomtalk.engine.output.terminal import say

    wanted = Wanted(
        hosts=host or (),
        methods=method or (),
        include=_pattern("--include", include),
        exclude=_pattern("--exclude", exclude),
        static=static,
        pauses=not no_think_time,
    )
    sources = [_source(name) for name in files]
    folder = Folder.of(output_dir)
    converted = converted_from(sources, wanted, folder.environment(), folder.uploads)
    written = folder.write(converted, replace=force)
    for note in (*converted.notes, *folder.notes(converted)):
        say(sys.stderr, f"note: {note}")
    for path in written:
        say(sys.stdout, str(path))


def _pattern(flag: str, text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text is not None else None
    except re.error as error:
        raise typer.BadParameter(f"not a regular expression: {error}", param_hint=flag) from error


def _source(name: str) -> Source:
    """Read a file or stdin; raises UsageError."""
    from boomtalk.engine.convert.convert import Source
    from boomtalk.engine.errors import UsageError

    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return Source(name, content.decode("utf-8-sig"), Path(name).parent)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 text") from error
