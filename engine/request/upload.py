"""This module makes the form of `upload`: each field is a text or a file of the project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StepFailed
from ..http.multipart import FilePart, Multipart, TextPart
from ..values.builtins import Form
from ..values.data import DataError, confined
from ..values.text import to_text

_OPTION = re.compile(r"\s*(type|filename)\s*=(.*)", re.DOTALL | re.IGNORECASE)
# RFC 9110, 5.5: a line break in it would begin another header of the part.
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def form_of(
    fields: Mapping[str, Any],
    root: Path,
    literal: frozenset[str] = frozenset(),
    boundary: str | None = None,
) -> Multipart:
    """Return the form; raises StepFailed (kind template) for a file that may not be sent.

    A value is pieces parted by `;`: `@path` is a file below the project folder, `type=` and
    `filename=` describe the part (other options of a file mean nothing), the rest is text, less
    a pair of quotes around it. Fields in `literal` hold what the author wrote as it is: there a
    plain name of a file means the file.
    """
    parts = [_part(name, value, root, name in literal) for name, value in fields.items()]
    return Multipart(parts, boundary)


def encoded(form: Form, root: Path) -> Multipart:
    """Return what `multipart_encoder` stands for."""
    if form.is_plain:
        parts = [_plain_part(name, to_text(value), root) for name, value in form.fields.items()]
        return Multipart(parts, form.boundary)
    return form_of(form.fields, root, boundary=form.boundary)


def _plain_part(name: str, text: str, root: Path) -> TextPart | FilePart:
    """Return the file of that path, or else the text."""
    try:
        path = _not_hidden(name, confined(root, text.removeprefix("@")), root) if text else None
    except (DataError, OSError, ValueError, StepFailed):
        path = None
    return TextPart(name, text) if path is None else FilePart(name, path)


def _part(name: str, value: Any, root: Path, is_literal: bool) -> TextPart | FilePart:
    options: dict[str, str] = {}
    texts: list[str] = []
    for piece in to_text(value).split(";"):
        option = _OPTION.fullmatch(piece)
        if option is not None:
            options[option[1].lower()] = _unquoted(option[2].strip())
        elif not (texts and texts[0].startswith("@") and "=" in piece):
            texts.append(piece)
    text = ";".join(texts)
    path = _path(name, text, root, is_literal)
    filename, content_type = options.get("filename"), _type(name, options.get("type"))
    if path is None:
        return TextPart(name, _unquoted(text), content_type, filename)
    return FilePart(name, path, filename, content_type)


def _type(name: str, given: str | None) -> str | None:
    """Return the content type of a part; raises StepFailed for one that would be two headers."""
    if given is not None and _NOT_IN_A_HEADER.search(given):
        what = f"upload of {name}: the type {given[:80]!r} holds a control character"
        raise StepFailed("template", what, "upload")
    return given


def _path(name: str, text: str, root: Path, is_literal: bool) -> Path | None:
    if text.startswith("@"):
        return _file(name, _unquoted(text[1:]), root)
    try:
        return confined(root, text, beside=True) if is_literal and text else None
    except (DataError, OSError, ValueError):
        return None


def _file(name: str, path: str, root: Path) -> Path:
    try:
        found = confined(root, path)
    except (DataError, OSError, ValueError) as error:
        raise StepFailed("template", f"upload of {name}: {error}", "upload") from error
    return _not_hidden(name, found, root)


def _not_hidden(name: str, found: Path, root: Path) -> Path:
    """Return the file; a value may come from the server, which must not ask for `.env`."""
    if any(part.startswith(".") for part in found.relative_to(root.resolve()).parts):
        raise StepFailed("template", f"upload of {name}: hidden files are not sent", "upload")
    return found


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
