"""This module finds the project of a case: its root folder, its debugtalk.py, its `.env`."""

from __future__ import annotations

import stat
from pathlib import Path

from ..errors import CaseError, Place, Problem
from .hints import meant_file
from .nodes import SourceError
from .source import read_text

_BUILT = ("debugtalk.bin", "debugtalk.so")


def find_project(path: Path, shown: str) -> tuple[Path, Path | None, list[Problem]]:
    """Return root, debugtalk.py (if any) and warnings for a case file.

    The root is the nearest folder upward with a debugtalk.py or proj.json, else the working
    directory if the case is below it, else the case's own folder.
    """
    for folder in path.absolute().parents:
        if (plugin := folder / "debugtalk.py").is_file():
            return folder, plugin, []
        if built := next((name for name in _BUILT if (folder / name).is_file()), None):
            hint = "only debugtalk.py can be run"
            return folder, None, [Problem(Place(shown), f"{built} is ignored", hint)]
        if (folder / "proj.json").is_file():
            return folder, None, []
    here = Path.cwd()
    return (here if path.resolve().is_relative_to(here) else path.absolute().parent), None, []


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
