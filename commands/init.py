"""`boomtalk init`: a new project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import assembly
from .border import ending_with_a_code

Name = Annotated[Path, typer.Argument(metavar="NAME", help="The folder; made if it is missing.")]


@ending_with_a_code
def init(context: typer.Context, name: Name) -> None:
    """Make a project: example cases, debugtalk.py, data, .env, a profile and a README."""
    assembly.make_project(name, assembly.editor_schemas(context))
