"""This module finds the project of a case: its root folder, its plugin, its `.env`."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import CaseError, Place, Problem
from .hints import meant_file
from .nodes import SourceError
from .source import read_text

_GO = "debugtalk.bin"
_PYTHON = "debugtalk.py"
_GO_LIBRARY = "debugtalk.so"
# Where HttpRunner's own projects keep it, too.
_GO_SOURCES = ("debugtalk.go", "plugin/debugtalk.go")


def find_project(path: Path, shown: str) -> tuple[Path, Path | None, list[Problem]]:
    """Return root, plugin (if any) and warnings for a case file.

    As in hrp, a debugtalk.bin in any folder upward comes before a debugtalk.py. Without one, the
    root is the nearest folder upward with a debugtalk.py or proj.json, else the working directory
    if the case is below it, else the case's own folder.
    """
    folders = path.absolute().parents
    root, plugin = _root_of(path, folders)
    return root, plugin, [Problem(Place(shown), *told) for told in _notes(folders, root, plugin)]


def _root_of(path: Path, folders: Sequence[Path]) -> tuple[Path, Path | None]:
    if program := _nearest(folders, _GO):
        return program.parent, program
    for folder in folders:
        if (plugin := folder / _PYTHON).is_file():
            return folder, plugin
        if any((folder / name).is_file() for name in (_GO_LIBRARY, "proj.json")):
            return folder, None
    here = Path.cwd()
    return (here if path.resolve().is_relative_to(here) else path.absolute().parent), None


def _notes(folders: Sequence[Path], root: Path, plugin: Path | None) -> Iterator[tuple[str, str]]:
    """Return what to say about files that are not used, each with what to do."""
    if plugin is None and (root / _GO_LIBRARY).is_file():
        yield f"{_GO_LIBRARY} is ignored", f"build a {_GO} or write a {_PYTHON}"
    elif plugin is None and (source := _nearest(folders, *_GO_SOURCES)):
        program = root / _GO
        build = f"hrp build {shown(source)} -o {shown(program)}"
        yield f"{shown(source)} is not used, because it is not built", f"build it with: {build}"
    elif plugin and plugin.name == _GO and (other := _nearest(folders, _PYTHON)):
        yield f"{shown(plugin)} is used, not {shown(other)}", "as in hrp; remove or rename one"


def _nearest(folders: Sequence[Path], *names: str) -> Path | None:
    files = (folder / name for folder in folders for name in names)
    return next((file for file in files if file.is_file()), None)


def read_environment(path: Path, shown: str) -> dict[str, str]:
    """Read the pairs of an environment file; raises CaseError naming every wrong line.

    `KEY=value` or `KEY:value`, both sides trimmed; no quotes, no inline comments.
    """
    try:
        lines = read_text(path).splitlines()
    except SourceError as error:
        raise CaseError([Problem(Place(shown, error.line), error.what, error.hint)]) from error
    except OSError as error:
        raise CaseError([Problem(Place(shown), error.strerror or str(error))]) from error
    pairs: dict[str, str] = {}
    problems = []
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        key, mark, value = line.partition("=" if "=" in line else ":")
        if not mark or not key.strip():
            problems.append(Problem(Place(shown, number), "not a pair", "write KEY=value"))
        pairs[key.strip()] = value.strip()
    if problems:
        raise CaseError(problems)
    return pairs


def inside(root: Path, name: str) -> Path:
    """Return the real path of a file named relative to the root; raises ValueError outside it.

    A leading slash means the root too.
    """
    name = name.replace("\\", "/").lstrip("/")
    try:
        path = (root / name).resolve()
        exists = path.exists()
    except OSError as error:
        raise ValueError(f"{name[:80]} cannot be a file: {error.strerror}") from error
    if not path.is_relative_to(root.resolve()):
        raise ValueError(f"{name} leads out of the project folder {root.name or root}")
    if not exists:
        told = f"no file {name} in the project folder {root.name or root}"
        raise ValueError("; ".join(filter(None, (told, meant_file([root], name)))))
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{name} is not a plain file")
    return path


def shown(path: Path) -> str:
    """Return the path as the user knows it: relative where it is below the working directory."""
    here = Path.cwd()
    full = path.absolute()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(path)
