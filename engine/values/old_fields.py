"""This module reads the attributes of a response that only HttpRunner 1 and 2 could name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.message import Message
from typing import Any


def encoding_of(content_type: str) -> str | None:
    """Return the charset that a content type names, or implies in the eyes of `requests`."""
    header = Message()
    header["Content-Type"] = content_type
    named = header.get_param("charset") if content_type else None
    if named is not None:
        return str(named).strip("'\"")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return "utf-8"
    return "ISO-8859-1" if "text" in kind else None


OLD_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "ok": lambda response: response.status < 400,
    "reason": lambda response: response.reason,
    "url": lambda response: response.url,
    "encoding": lambda response: encoding_of(response.headers.get("Content-Type", "")),
    # The parts of a timedelta.
    "elapsed.total_seconds": lambda response: response.elapsed_ms / 1000,
    "elapsed.days": lambda response: int(response.elapsed_ms // 86_400_000),
    "elapsed.seconds": lambda response: int(response.elapsed_ms // 1000 % 86_400),
    "elapsed.microseconds": lambda response: int(response.elapsed_ms * 1000 % 1_000_000),
}
