"""The schemas of the files that users write, for their editors."""

from __future__ import annotations

import sys
from typing import Any

import typer
from boomtalk.engine.output.json_text import json_page
from boomtalk.engine.output.streams import say
from boomtalk.engine.schema.files import case_schema

from ..flags.profile_schema import profile_schema


def print_schema(kind: str, context: typer.Context) -> None:
    """Print the schema of `case` files, or of a `profile`."""
    say(sys.stdout, editor_schemas(context)[kind].rstrip("\n"))


def editor_schemas(context: typer.Context) -> dict[str, str]:
    """Return the schemas as JSON, by the kind of their files; the context is that of a command."""
    commands: Any = context.find_root().command
    profile = profile_schema(commands.get_command(context, "boom"))
    schemas = {"case": case_schema(), "profile": profile}
    return {kind: json_page(schema).decode() for kind, schema in schemas.items()}
