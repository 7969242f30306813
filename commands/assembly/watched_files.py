"""The files that cases may consist of, looked at again and again for changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from boomtalk.engine.case.project import find_project
from boomtalk.engine.case.quick import is_url
from boomtalk.engine.case.source import SUFFIXES
from msgspec import Struct

_MOST_FILES = 5_000
# People write these; what else is watched may be data that a run writes itself.
_SOURCES = (".yml", ".yaml", ".py", ".env")
_WATCHED = {*SUFFIXES, *_SOURCES, ".csv", ".bin"}
_LEFT_OUT = {"__pycache__", "node_modules", "results", "site-packages"}

# The time of the last change and the size.
Stamp = tuple[int, int]


class WatchedFiles(Struct, frozen=True):
    """All files below some folders that cases may consist of, and some others.

    `written` are files of results, whose change means nothing.
    """

    folders: Sequence[Path]
    others: Sequence[Path] = ()
    written: frozenset[Path] = frozenset()

    @classmethod
    def of(
        cls, paths: Iterable[str], others: Iterable[Path | None], written: Iterable[Path | None]
    ) -> WatchedFiles:
        """Return the files of the projects that the paths belong to."""
        folders = {one for path in paths if not is_url(path) for one in _around(Path(path))}
        return cls(
            [one for one in sorted(folders) if folders.isdisjoint(one.parents)],
            [path.absolute() for path in others if path is not None],
            frozenset(path.absolute() for path in written if path is not None),
        )

    def stamps(self) -> dict[Path, Stamp]:
        """Return the stamp of each file that is there."""
        below = (path for folder in self.folders for path in _below(folder))
        paths = {*self.others, *islice(below, _MOST_FILES)} - self.written
        return {path: stamp for path in paths if (stamp := _stamp(path))}


def after_a_run(before: Mapping[Path, Stamp], after: Mapping[Path, Stamp]) -> dict[Path, Stamp]:
    """Return the stamps that the next ones are compared with.

    A source that changed during the run counts as changed since; data may be what the run wrote.
    """
    sources = {path: stamp for path, stamp in before.items() if _is_source(path)}
    data = {path: stamp for path, stamp in after.items() if not _is_source(path)}
    return {**sources, **data}


def changed(before: Mapping[Path, Stamp], after: Mapping[Path, Stamp]) -> list[Path]:
    """Return the files that were written, made or removed."""
    every = sorted({*before, *after})
    return [path for path in every if before.get(path) != after.get(path)]


def _around(path: Path) -> Iterator[Path]:
    """Yield the folder of a case, or the folder of cases, and the root of its project."""
    folder = path if path.is_dir() else path.parent
    yield folder.absolute()
    yield find_project(folder / "case.yml", str(path))[0].absolute()


def _below(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _LEFT_OUT and not name.startswith(".")
        )
        yield from (Path(top, name) for name in names if _suffix(name) in _WATCHED)


def _suffix(name: str) -> str:
    return ".env" if name == ".env" else os.path.splitext(name)[1]


def _is_source(path: Path) -> bool:
    return _suffix(path.name) in _SOURCES


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
