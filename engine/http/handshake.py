"""How a websocket is opened over HTTP (RFC 6455, 4.1)."""

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
    """Return the request that asks for a websocket; raises StepFailed for what is no URL of one."""
    fields = CIMultiDict(headers)
    fields.setdefault("Upgrade", "websocket")
    fields.setdefault("Connection", "Upgrade")
    fields.setdefault("Sec-WebSocket-Version", "13")
    fields["Sec-WebSocket-Key"] = b64encode(secrets.token_bytes(16)).decode()
    if url.is_absolute():
        # Who the user is stands in a header.
        url = url.with_scheme(_SCHEMES.get(url.scheme, url.scheme)).with_user(None)
    return Request("GET", url, fields.items(), verify=verify, proxied=proxied)


def check_handshake(request: Request, response: Response) -> None:
    """Raise StepFailed (websocket, handshake) where the server does not speak websocket."""
    if response.status != 101:
        raise StepFailed("websocket", f"the server answered {response.status}", "handshake")
    key = dict(request.headers)["Sec-WebSocket-Key"]
    accepted = b64encode(hashlib.sha1(f"{key}{_GUID}".encode()).digest()).decode()
    wanted = {"Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Accept": accepted}
    for name, value in wanted.items():
        found = response.headers.get(name, "")
        if found.lower() != value.lower():
            raise StepFailed("websocket", f"{name} is {found!r} in the answer", "handshake")
