"""Write a new project from the starter files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.streams import say

_STARTER = Path(__file__).parents[1] / "starter"
SCHEMA_FOLDER = ".boomtalk"
_READMES = {"en": "README.md", "zh": "README.zh.md"}
# Stored without the dot, so that they are files of the project and not rules for ours.
_HIDDEN = {"env": ".env", "gitignore": ".gitignore"}
_RENAMED = _HIDDEN | dict.fromkeys(_READMES.values(), "README.md")


def make_project(name: Path, language: str, schemas: Mapping[str, str]) -> None:
    """Write the files and print their paths; raises UsageError if one exists already.

    `schemas` are those of the files for editors; each file of the project names its own.
    """
    starter = _starter(name.absolute().name, language)
    files = {name / path: text for path, text in starter.items()}
    files |= {name / SCHEMA_FOLDER / f"{kind}.schema.json": schemas[kind] for kind in schemas}
    there = [str(path) for path in files if path.exists() or path.is_symlink()]
    if there:
        raise UsageError(f"already there: {', '.join(there)}", "nothing was written")
    try:
        _write(files)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from error
    for path in files:
        say(sys.stdout, str(path))
    checked = quote(str(name / "testcases"))
    say(sys.stdout, f"\nboomtalk check {checked} passes; {name / 'README.md'} goes on.")


def _starter(title: str, language: str) -> Mapping[Path, str]:
    """Return the files of a new project by their path in it."""
    others = {*_READMES.values()} - {_READMES[language]}
    found = sorted(
        path for path in _STARTER.rglob("*") if path.is_file() and path.name not in others
    )
    return {
        _place(path): path.read_text(encoding="utf-8").replace("PROJECT", title)
        for path in found
        if "__pycache__" not in path.parts
    }


def _place(path: Path) -> Path:
    return path.relative_to(_STARTER).with_name(_RENAMED.get(path.name, path.name))


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
