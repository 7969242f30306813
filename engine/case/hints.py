"""This module guesses what the author meant by a name that is not known."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
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
    wanted = Path(name).name
    for folder in folders:
        if near := meant(wanted, _names((folder / name).parent)):
            return near.replace("mean ", f"mean {_front(name)}", 1)
        elsewhere = (Path(top, found) for top, found in _files(folder) if found == wanted)
        if (path := next(filter(Path.is_file, elsewhere), None)) is not None:
            return f"did you mean {path.relative_to(folder)}?"
    return ""


def _front(name: str) -> str:
    front, slash, _ = name.rpartition("/")
    return front + slash


def _names(folder: Path) -> Sequence[str]:
    """Return the names of the files in a folder."""
    try:
        return next(iter(os.walk(folder)), ("", [], []))[2][:_MOST_FILES]
    except ValueError:  # no folder can have this name
        return ()


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield folder and name of the files below a folder, but not of more than a hint is worth."""
    return islice(_walked(folder), _MOST_FILES)


def _walked(folder: Path) -> Iterator[tuple[str, str]]:
    # A step whose file is missing is told so in each iteration: looking at the kind and time of
    # each file, as `glob` does, would hold up the load.
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from ((top, name) for name in names)
