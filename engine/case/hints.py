"""This module guesses what the author meant by a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

_MOST_FILES = 5_000


def meant(name: str, known: Iterable[str]) -> str:
    """Return `did you mean ...?` for the nearest known name, or nothing."""
    names = {known_name.lower(): known_name for known_name in sorted(known)}
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.7)
    return f"did you mean {names[near[0]]}?" if near else ""


def meant_file(folders: Iterable[Path], name: str) -> str:
    """Return `did you mean ...?` for the file nearest to a name below one of the folders.

    That is one with nearly this name in the same folder, or with the very name in another.
    """
    for folder in folders:
        beside = {path.name for path in _files((folder / name).parent, "*")}
        if near := meant(Path(name).name, beside):
            return near.replace("mean ", f"mean {_front(name)}", 1)
        elsewhere = (path for path in _files(folder, "**/*") if path.name == Path(name).name)
        if (found := next(elsewhere, None)) is not None:
            return f"did you mean {found.relative_to(folder)}?"
    return ""


def _front(name: str) -> str:
    front, slash, _ = name.rpartition("/")
    return front + slash


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    """Go through the files of a folder, but not through more than a hint is worth."""
    try:
        yield from (path for path in islice(folder.glob(pattern), _MOST_FILES) if path.is_file())
    except (OSError, ValueError):
        return
