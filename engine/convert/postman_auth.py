"""Convert the `auth` of a Postman request, folder or collection to headers or query."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from .draft import Pairs
from .literal import joined
from .postman_names import Names
from .secrets import Secrets


class Signed(Struct, frozen=True):
    headers: Pairs = ()
    query: Pairs = ()


def signed(auth: Mapping[str, Any] | None, names: Names, secrets: Secrets) -> Signed:
    """Return the headers and query that the auth adds; a note says if its type is not known."""
    kind = (auth or {}).get("type") or "noauth"
    fields = _fields((auth or {}).get(kind))
    if kind == "basic":
        return _basic(fields, names)
    if kind == "bearer":
        token = names.text(fields.get("token", ""))
        return Signed([("Authorization", joined("Bearer ", token))])
    if kind == "apikey" and (name := names.text(fields.get("key", ""))):
        pair = (name, secrets.reference(name, names.text(fields.get("value", ""))))
        return Signed(query=[pair]) if fields.get("in") == "query" else Signed([pair])
    if kind == "oauth2" and fields.get("accessToken"):
        return _oauth2(fields, names)
    if kind != "noauth":
        names.notes.add(f"auth of type {kind} is not converted", "send the header yourself")
    return Signed()


def _oauth2(fields: Mapping[str, str], names: Names) -> Signed:
    """Return the token that the file holds; Postman asks for a new one only when told to."""
    token = names.text(fields["accessToken"])
    if fields.get("addTokenTo") == "queryParams":
        return Signed(query=[("access_token", token)])
    prefix = fields.get("headerPrefix") or "Bearer"
    return Signed([("Authorization", joined(prefix.strip(), " ", token))])


def _fields(written: Any) -> dict[str, str]:
    """Return the settings of an auth. In v2.1 they are a list of keys and values, in v2.0 a map."""
    if isinstance(written, list):
        written = {item.get("key", ""): item.get("value") for item in written}
    return {key: str(value) for key, value in (written or {}).items() if value is not None}


def _basic(fields: Mapping[str, str], names: Names) -> Signed:
    credentials = names.known(f"{fields.get('username', '')}:{fields.get('password', '')}")
    if credentials is None:
        what = "basic auth with unknown variables is not converted"
        names.notes.add(what, "convert with the environment file")
        return Signed()
    return Signed([("Authorization", f"Basic {b64encode(credentials.encode()).decode()}")])
