"""Describe where a run comes from: its files, its git revision, its machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

from ..case.model import Case, ReferenceStep


def origin_of(cases: Sequence[Case]) -> dict[str, Any]:
    """Return what a reader must know of a run besides its numbers."""
    paths = sorted(set(_paths(cases)))
    return {
        "files": [{"path": str(path), "sha256": _hash(path)} for path in paths],
        "git_revision": git_revision(paths[0].parent if paths else Path.cwd()),
        "machine": {
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "memory_mb": round(psutil.virtual_memory().total / 1_000_000),
        },
    }


def git_revision(folder: Path) -> str | None:
    """Return the commit that is checked out around a folder, None outside of a repository.

    It is read from git's files, because boomtalk starts no processes besides plugins.
    """
    for parent in (folder, *folder.resolve().parents):
        if (parent / ".git").exists():
            return _head(parent / ".git")
    return None


def _head(git: Path) -> str | None:
    try:
        if git.is_file():  # in a linked work tree `.git` is a file that names the folder
            git = git.parent / git.read_text().removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text().strip()
        name = head.removeprefix("ref:").strip()
        return _commit(git, name) if name != head else head  # a detached HEAD is the commit
    except (OSError, ValueError):
        return None


def _commit(git: Path, name: str) -> str | None:
    # Layout: gitrepository-layout(5). A linked work tree shares the refs of the main one, and
    # `git gc` moves refs from their own files to packed-refs.
    common = git / "commondir"
    home = git / common.read_text().strip() if common.is_file() else git
    for folder in (git, home):
        if (folder / name).is_file():
            return (folder / name).read_text().strip()
    packed = home / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)


def _paths(cases: Iterable[Case]) -> Iterator[Path]:
    for case in cases:
        yield from (path for path in (case.path, case.suite) if path and path.is_file())
        if case.project.plugin is not None:
            yield case.project.plugin
        yield from _paths(step.case for step in case.steps if isinstance(step, ReferenceStep))


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
