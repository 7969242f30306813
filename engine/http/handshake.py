"""This module makes and checks the HTTP exchange that opens a websocket (RFC 6455, 4.1)."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from os import urandom

from msgspec import Struct
from multidict import CIMultiDict
from yarl import URL

from ..errors import StepFailed
from .head import text
from .request import Origin, Request
from .response import Response

_SCHEMES = {"ws": "http", "wss": "https"}
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# A key is 16 random bytes, which are 24 characters in base 64.
_ANY_KEY = "A" * 22 + "=="


class Handshake(Struct, frozen=True):
    """The request that asks for a websocket: what it is to which server, and the key in it."""

    origin: Origin
    wire: bytes
    key: bytes


def handshake(url: URL, headers: Mapping[str, str], *, verify: bool, proxied: bool) -> Handshake:
    """Return the request that asks for a websocket; raises StepFailed for an impossible URL."""
    request, before, after = _request(url, tuple(headers.items()), verify, proxied)
    key = b64encode(urandom(16))
    return Handshake(request.origin, before + key + after, key)


@lru_cache(maxsize=256)
def _request(
    url: URL, headers: tuple[tuple[str, str], ...], verify: bool, proxied: bool
) -> tuple[Request, bytes, bytes]:
    """Return the request, and the bytes before and after its key."""
    fields = CIMultiDict(headers)
    fields.setdefault("Upgrade", "websocket")
    fields.setdefault("Connection", "Upgrade")
    fields.setdefault("Sec-WebSocket-Version", "13")
    # Recordings of browsers ask for compression, which is not read here, and have a key.
    fields.popall("Sec-WebSocket-Extensions", None)
    fields.popall("Sec-WebSocket-Key", None)
    fields["Sec-WebSocket-Key"] = _ANY_KEY
    if url.is_absolute():
        # The user goes into a header.
        url = url.with_scheme(_SCHEMES.get(url.scheme, url.scheme)).with_user(None)
    request = Request("GET", url, fields.items(), verify=verify, proxied=proxied)
    before, name, after = request.wire.rpartition(b"Sec-WebSocket-Key: ")
    return request, before + name, after[len(_ANY_KEY) :]


def check_handshake(key: bytes, response: Response) -> None:
    """Raise StepFailed (websocket, handshake) if the server does not agree."""
    if response.status != 101:
        raise StepFailed("websocket", f"the server answered {response.status}", "handshake")
    fields = response.head.joined().get
    _demand("Upgrade", b"websocket", fields(b"upgrade", b"").lower())
    _demand("Connection", b"upgrade", fields(b"connection", b"").lower())
    accepted = b64encode(hashlib.sha1(key + _GUID).digest())
    _demand("Sec-WebSocket-Accept", accepted, fields(b"sec-websocket-accept", b""))
    if extensions := _members(fields(b"sec-websocket-extensions", b"")):
        # Frames would follow that are not read here (RFC 6455, 4.1).
        told = text(extensions[0])
        raise StepFailed("websocket", f"the server insists on {told}", "handshake")


def _demand(name: str, wanted: bytes, found: bytes) -> None:
    # Most are one word.
    if found != wanted and wanted not in (members := _members(found)):
        told = text(b", ".join(members))
        raise StepFailed("websocket", f"{name} is {told!r} in the answer", "handshake")


def _members(found: bytes) -> list[bytes]:
    """Return the members of a header that is a list (RFC 9110, 5.6.1)."""
    return [member.strip() for member in found.split(b",") if member.strip()]
