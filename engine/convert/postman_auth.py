"""Convert the `auth` of a Postman request, folder or collection to headers or query."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .draft import Pairs
from .literal import joined
from .notes import Notes
from .postman_names import Names
from .secrets import Secrets


@dataclass(frozen=True, slots=True)
class Signed:
    headers: Pairs = ()
    query: Pairs = ()


def signed(
    auth: Mapping[str, Any] | None, names: Names, secrets: Secrets, notes: Notes, step: str
) -> Signed:
    """Return the headers and query that the auth adds; a note says if its type is not known."""
    kind = (auth or {}).get("type", "noauth")
    fields = _fields((auth or {}).get(kind))
    if kind == "basic":
        return _basic(fields, names, notes, step)
    if kind == "bearer":
        token = names.text(fields.get("token", ""))
        return Signed([("Authorization", joined("Bearer ", token))])
    if kind == "apikey":
        name = fields.get("key", "")
        pair = (name, secrets.reference(name, names.text(fields.get("value", ""))))
        return Signed(query=[pair]) if fields.get("in") == "query" else Signed([pair])
    if kind != "noauth":
        notes.add(f"auth of type {kind} is not converted", "send the header yourself", step=step)
    return Signed()


def _fields(written: Any) -> dict[str, str]:
    """Return the settings of an auth. In v2.1 they are a list of keys and values, in v2.0 a map."""
    if isinstance(written, list):
        written = {item.get("key", ""): item.get("value") for item in written}
    return {key: str(value) for key, value in (written or {}).items() if value is not None}


def _basic(fields: Mapping[str, str], names: Names, notes: Notes, step: str) -> Signed:
    credentials = names.known(f"{fields.get('username', '')}:{fields.get('password', '')}")
    if credentials is None:
        what = "basic auth with unknown variables is not converted"
        notes.add(what, "convert with the environment file", step=step)
        return Signed()
    return Signed([("Authorization", f"Basic {b64encode(credentials.encode()).decode()}")])
