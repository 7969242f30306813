"""Write the fields of a multipart form as the map `upload`, and collect the uploaded files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from .draft import Expression, Field, File, TypedText
from .notes import Notes

_PLAIN = re.compile(r"[\w -]*")
_OPTION = re.compile(r";\s*(?:type|filename)\s*=")


class Files:
    """Collects uploaded files by name; `folder` is relative to the project root."""

    def __init__(self, folder: str = "files") -> None:
        self._folder = folder
        self._asked: dict[str, None] = {}
        self.added: dict[str, bytes] = {}

    @property
    def missing(self) -> list[str]:
        """The names of files that the user must put there."""
        return [name for name in self._asked if name not in self.added]

    def reference(self, file: File) -> tuple[str, bool]:
        """Return the path for the case, and whether the user must put the file there."""
        name = re.sub(r"[^\w.-]+", "_", PurePosixPath(file.path.replace("\\", "/")).name)
        name = name.lstrip(".") or "file"
        number = 1
        free = name
        while self.added.get(free, file.content) != file.content:
            number += 1
            free = f"{number}-{name}"
        if file.content is None:
            self._asked[free] = None
        else:
            self.added[free] = file.content
        return f"{self._folder}/{free}", file.content is None


def upload_of(
    fields: Sequence[tuple[str, Field]], files: Files, notes: Notes, step: str
) -> dict[str, str]:
    """Return the fields as a map; notes say what a map cannot express."""
    found: dict[str, str] = {}
    last = dict(fields)
    for name, value in fields:
        if value is not last[name]:
            what = f"the form has {name!r} several times and a case once: {_shown(value)} is lost"
            notes.add(what, step=step)
            continue
        match value:
            case File():
                found[name] = _file(value, files, notes, step)
            case TypedText(text, kind):
                found[name] = f"{_text(name, text, notes, step)};type={kind}"
            case _:
                found[name] = _text(name, value, notes, step)
    return found


def _shown(value: Field) -> str:
    if isinstance(value, File):
        return f"the file {value.path}"
    return repr(str(value.text if isinstance(value, TypedText) else value))


def _file(file: File, files: Files, notes: Notes, step: str) -> str:
    path, is_missing = files.reference(file)
    if is_missing:
        what = f"the source does not contain the file {path}: a placeholder is sent"
        notes.add(what, "put it there", step=step)
    sent = file.filename or PurePosixPath(file.path.replace("\\", "/")).name
    parts = [f"@{path}"]
    parts += [f"type={file.content_type}"] if file.content_type else []
    parts += [f"filename={sent}"] if sent != PurePosixPath(path).name else []
    return ";".join(parts)


def _text(name: str, text: str, notes: Notes, step: str) -> str:
    # Without quotes, a text that names a file of the project would upload that file.
    if isinstance(text, Expression) or _PLAIN.fullmatch(text):
        return text
    if _OPTION.search(text):
        what = f"the text of field {name!r} looks like options (;type= ;filename=) and is read so"
        notes.add(what, step=step)
    return f'"{text}"'
