"""This module says where a URL leads: which hosts and ports are possible, and who its user is."""

from __future__ import annotations

import re
import socket
from base64 import b64encode
from ipaddress import IPv6Address
from urllib.parse import unquote_to_bytes

from yarl import URL

_AUTHORITY = re.compile(r"(?:[^/?#]*@)?(?:\[[^\[\]]*\]|[^\[\]:]+)(?::[0-9]*)?")
# The ASCII that a host may have (WHATWG URL, 3.1).
_NAME = re.compile(r"[A-Za-z0-9!$&'()*+,\-.;=_~]+")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_USER = re.compile(r"([^/?#]*//)[^/?#]*@")
_SCHEMES = frozenset({"http", "https", "ws", "wss"})
_LONGEST_NAME, _LONGEST_LABEL = 253, 63


def check_authority(authority: str) -> None:
    """Raise ValueError for what is not `user@host:port` (RFC 3986, 3.2)."""
    if not _AUTHORITY.fullmatch(authority):
        raise ValueError("no host and port")


def fit_host(host: str) -> str:
    """Return the host to connect to; raises ValueError for what is neither address nor name."""
    if ":" in host:
        IPv6Address(host.partition("%")[0])
        return host
    labels = host.removesuffix(".").split(".")
    is_long = len(host) > _LONGEST_NAME or max(map(len, labels)) > _LONGEST_LABEL
    if not _NAME.fullmatch(host) or is_long or not all(labels):
        raise ValueError(f"{host!r} cannot be a host")
    return _ipv4(host) if _NUMBER.fullmatch(labels[-1]) else host


def _ipv4(host: str) -> str:
    """Return an IPv4 address in its usual form (`127.1` is 127.0.0.1), as curl and browsers do."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError as error:
        raise ValueError(f"{host!r} is not an IPv4 address") from error


def check_url(url: URL) -> None:
    """Raise ValueError for a URL that no connection can be made for."""
    if url.scheme not in _SCHEMES:
        raise ValueError("neither HTTP nor a websocket")
    fit_host(url.raw_host or "")
    if not url.port:
        raise ValueError("no port is 0")


def without_user(text: str) -> str:
    """Return a URL, or a text that was meant to be one, without its user and password."""
    found = _USER.match(text)
    return f"{found[1]}{text[found.end() :]}" if found else text


def basic_of(url: URL) -> str | None:
    """Return the Authorization for the user of a URL (RFC 7617); None if the URL has none."""
    user, password = url.raw_user, url.raw_password
    if user is None and not password:
        return None
    return basic(user or "", password or "")


def basic(user: str, password: str) -> str:
    """Return the Authorization for a user and password, escaped as they are in a URL."""
    credentials = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return f"Basic {b64encode(credentials).decode()}"
