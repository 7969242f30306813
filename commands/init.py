"""`boomtalk init`: a new project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .border import ending_with_a_code
from .flags.parsers import choice

Name = Annotated[Path, typer.Argument(metavar="NAME", help="The folder; made if it is missing.")]
Language = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="en|zh",
        parser=choice("en", "zh"),
        help="Language of the project's README: English or Chinese.",
        show_envvar=False,
    ),
]


@ending_with_a_code
def init(context: typer.Context, name: Name, lang: Language = "en") -> None:
    """Make a project: example cases, debugtalk.py, data, .env, a profile and a README."""
    assembly.make_project(name, lang, assembly.editor_schemas(context))
