"""The fields of a multipart form, in the spelling of `upload`; its files go into a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from .draft import Expression, Field, File, TypedText
from .notes import Notes

_PLAIN = re.compile(r"[\w -]*")
_OPTION = re.compile(r";\s*(?:type|filename)\s*=")


class Files:
    """What forms upload, by its path below `folder`, which is relative to the project root."""

    def __init__(self, folder: str = "files") -> None:
        self._folder = folder
        self._missing: set[str] = set()
        self.added: dict[str, bytes] = {}

    def reference(self, file: File) -> tuple[str, bool]:
        """Return the path to write, and whether the file is still to be put there."""
        name = re.sub(r"[^\w.-]+", "_", PurePosixPath(file.path.replace("\\", "/")).name)
        name = name.lstrip(".") or "file"
        number = 1
        free = name
        while self.added.get(free, file.content) != file.content:
            number += 1
            free = f"{number}-{name}"
        if file.content is not None:
            self.added[free] = file.content
        return f"{self._folder}/{free}", file.content is None


def upload_of(
    fields: Sequence[tuple[str, Field]], files: Files, notes: Notes, step: str
) -> dict[str, str]:
    """Return the fields as a map; what it cannot hold is noted."""
    found: dict[str, str] = {}
    for name, value in fields:
        if name in found:
            notes.add(f"the form has {name!r} twice: only the last is sent", step=step)
        match value:
            case File():
                found[name] = _file(value, files, notes, step)
            case TypedText(text, kind):
                found[name] = f"{_text(name, text, notes, step)};type={kind}"
            case _:
                found[name] = _text(name, value, notes, step)
    return found


def _file(file: File, files: Files, notes: Notes, step: str) -> str:
    path, is_missing = files.reference(file)
    if is_missing:
        notes.add(f"the source does not hold the file {path}", "put it there", step=step)
    sent = file.filename or PurePosixPath(file.path.replace("\\", "/")).name
    parts = [f"@{path}"]
    parts += [f"type={file.content_type}"] if file.content_type else []
    parts += [f"filename={sent}"] if sent != PurePosixPath(path).name else []
    return ";".join(parts)


def _text(name: str, text: str, notes: Notes, step: str) -> str:
    # Quotes keep a text from being taken for a file of the project.
    if isinstance(text, Expression) or _PLAIN.fullmatch(text):
        return text
    if _OPTION.search(text):
        notes.add(f"the text of field {name!r} is read as options of the form", step=step)
    return f'"{text}"'
