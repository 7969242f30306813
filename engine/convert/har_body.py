"""Make the body of a recorded request, and read the lists of pairs that HAR files have."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from .bodies import body_of
from .draft import Body, Field, File, Form, Pairs, Upload
from .notes import Notes


def pairs_of(items: Any) -> Pairs:
    """Return names and values; what has no name is left out, and null is an empty value."""
    found = items if isinstance(items, list) else ()
    return [
        (str(item["name"]), _text(item.get("value")))
        for item in found
        if isinstance(item, Mapping) and item.get("name")
    ]


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def body_of_entry(request: Mapping[str, Any], step: str, notes: Notes) -> Body | None:
    """Return the body; what cannot be read is told, and left out."""
    data = request.get("postData")
    if not isinstance(data, Mapping):
        return None
    headers = pairs_of(request.get("headers"))
    written = next((value for name, value in headers if name.lower() == "content-type"), "")
    content_type = written or _text(data.get("mimeType"))
    text = _decoded(data)
    if text is None or "\ufffd" in text:
        notes.add("a binary body is not converted", step=step)
        return None
    if text:
        return body_of(text, content_type)
    params = [
        one for one in data.get("params") or () if isinstance(one, Mapping) and one.get("name")
    ]
    if not params:
        return None
    if content_type.lower().startswith("multipart/"):
        return Upload([_field(param) for param in params])
    return Form(pairs_of(params))


def _decoded(data: Mapping[str, Any]) -> str | None:
    """Return the text of a body, which may be in base64; None if it is not text."""
    text = _text(data.get("text"))
    if data.get("encoding") != "base64":
        return text
    try:
        return b64decode(text).decode()
    except ValueError:
        return None


def _field(param: Mapping[str, Any]) -> tuple[str, Field]:
    name, value = str(param["name"]), _text(param.get("value"))
    if not param.get("fileName"):
        return name, value
    kind = _text(param.get("contentType"))
    return name, File(_text(param["fileName"]), kind, "", value.encode() if value else None)
