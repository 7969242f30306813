"""This module makes and checks the HTTP exchange that opens a websocket (RFC 6455, 4.1)."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Mapping

from multidict import CIMultiDict
from yarl import URL

from ..errors import StepFailed
from .request import Request
from .response import Response

_SCHEMES = {"ws": "http", "wss": "https"}
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def handshake(url: URL, headers: Mapping[str, str], *, verify: bool, proxied: bool) -> Request:
    """Return the request that asks for a websocket; raises StepFailed for an impossible URL."""
    fields = CIMultiDict(headers)
    fields.setdefault("Upgrade", "websocket")
    fields.setdefault("Connection", "Upgrade")
    fields.setdefault("Sec-WebSocket-Version", "13")
    fields["Sec-WebSocket-Key"] = b64encode(secrets.token_bytes(16)).decode()
    # Recordings of browsers ask for compression, which is not read here.
    fields.popall("Sec-WebSocket-Extensions", None)
    if url.is_absolute():
        # The user goes into a header.
        url = url.with_scheme(_SCHEMES.get(url.scheme, url.scheme)).with_user(None)
    return Request("GET", url, fields.items(), verify=verify, proxied=proxied)


def check_handshake(request: Request, response: Response) -> None:
    """Raise StepFailed (websocket, handshake) if the server does not agree."""
    if response.status != 101:
        raise StepFailed("websocket", f"the server answered {response.status}", "handshake")
    key = dict(request.headers)["Sec-WebSocket-Key"]
    accepted = b64encode(hashlib.sha1(f"{key}{_GUID}".encode()).digest()).decode()
    _demand("Upgrade", "websocket", _tokens(response, "Upgrade"))
    _demand("Connection", "upgrade", _tokens(response, "Connection"))
    _demand("Sec-WebSocket-Accept", accepted, response.headers.getall("Sec-WebSocket-Accept", []))
    if extensions := _tokens(response, "Sec-WebSocket-Extensions"):
        # Frames would follow that are not read here (RFC 6455, 4.1).
        raise StepFailed("websocket", f"the server insists on {extensions[0]}", "handshake")


def _demand(name: str, wanted: str, found: list[str]) -> None:
    if wanted not in found:
        told = ", ".join(found)
        raise StepFailed("websocket", f"{name} is {told!r} in the answer", "handshake")


def _tokens(response: Response, name: str) -> list[str]:
    """Return the members of a header that is a list, in small letters (RFC 9110, 5.6.1)."""
    members = ",".join(response.headers.getall(name, ())).lower().split(",")
    return [member.strip() for member in members if member.strip()]
