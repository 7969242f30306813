"""Keep the parts of a page that change, as JSON, and know which of them are new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ..page.content import harmless


class Parts:
    """The latest JSON of each part, by name."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    @property
    def whole(self) -> bytes:
        """All parts as one JSON object."""
        return json_object(self._known)

    def update(self, parts: Mapping[str, Any]) -> bytes:
        """Take over these parts, and return those that are not as before, as a JSON object."""
        encoded = {name: orjson.dumps(harmless(part)) for name, part in parts.items()}
        new = {name: data for name, data in encoded.items() if data != self._known.get(name)}
        self._known |= new
        return json_object(new)


def json_object(parts: Mapping[str, bytes]) -> bytes:
    """Return the JSON object with these members, which are JSON already."""
    return b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), data) for name, data in parts.items())


def json_array(items: list[bytes]) -> bytes:
    """Return the JSON array of these items, which are JSON already."""
    return b"[%s]" % b",".join(items)
