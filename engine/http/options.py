"""These options say how requests leave this machine, whatever the case says."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class HttpOptions(Struct, frozen=True):
    """The target flags. `timeout` is in seconds and covers a whole attempt.

    `verify` False accepts any certificate; `http2` offers HTTP/2 to all https targets;
    `max_connections` 0 means no limit; `max_body` caps the decoded body of one response in bytes.
    """

    timeout: float = 120.0
    verify: bool = True
    cacert: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    proxy: str | None = None
    unix_socket: Path | None = None
    keepalive: bool = True
    compression: bool = True
    keep_cookies: bool = False
    http2: bool = False
    max_connections: int = 0
    max_body: int = 64 * 1024 * 1024
    max_redirects: int = 10
