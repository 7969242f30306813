"""Split the text of a multipart body into the fields of its form."""

from __future__ import annotations

import re

from .draft import Field, File, TypedText, Upload

_BOUNDARY = re.compile(r'boundary="?([^";,\s]+)', re.IGNORECASE)
_NAME = re.compile(r'(?<![\w*])name="([^"]*)"')
_FILENAME = re.compile(r'filename="([^"]*)"')
_TYPE = re.compile(r"^content-type:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
# Browsers percent-encode these characters in names (HTML standard, "Multipart form data").
_BROWSER_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}


def multipart_body(text: str, content_type: str) -> Upload | None:
    """Return the form, or None if the text is not a valid body of this content type."""
    boundary = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or boundary is None:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    pieces = f"{newline}{text}".split(f"{newline}--{boundary[1]}")[1:-1]
    fields = [_field(piece.removeprefix(newline), newline) for piece in pieces]
    return Upload([field for field in fields if field]) if fields and all(fields) else None


def _field(piece: str, newline: str) -> tuple[str, Field] | None:
    head, mark, content = piece.partition(newline * 2)
    name, filename = _NAME.search(head), _FILENAME.search(head)
    if name is None or not mark:
        return None
    kind = _TYPE.search(head)
    if filename is None:
        return _unescaped(name[1]), TypedText(content, kind[1]) if kind else content
    told = _unescaped(filename[1])
    # An empty content means unknown: copied commands and recordings leave it out.
    data = content.encode("utf-8", "surrogatepass") or None
    return _unescaped(name[1]), File(told or "file", kind[1] if kind else "", "", data)


def _unescaped(text: str) -> str:
    for escape, character in _BROWSER_ESCAPES.items():
        text = text.replace(escape, character)
    return text
