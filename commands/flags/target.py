"""The Target flags: where requests go and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from boomtalk.engine.http.options import HttpOptions

from . import parsers
from .group import FlagGroup, Panel

_PANEL = Panel("Target")
flag, switch = _PANEL.flag, _PANEL.switch


class TargetFlags(FlagGroup):
    """Where requests go and how; the same for every command that sends."""

    base_url: str | None = flag(
        "--base-url", "URL", "Replaces the base URL of all cases.", parse=parsers.base_url
    )
    env: list[str] | None = flag(
        "--env -e", "K=V", "Sets a variable; wins over .env. Repeatable.", parse=parsers.pair
    )
    env_file: Path | None = flag("--env-file", "FILE", "Read this file instead of .env.")
    insecure: bool = switch("--insecure -k", "Accept any TLS certificate.")
    cacert: Path | None = flag("--cacert", "FILE", "Trust these certificate authorities (PEM).")
    cert: Path | None = flag("--cert", "FILE", "Client certificate (PEM).")
    key: Path | None = flag("--key", "FILE", "Private key (PEM), if it is not in --cert.")
    proxy: str | None = flag(
        "--proxy -x", "URL", "HTTP proxy for all requests.", parse=parsers.proxy
    )
    unix_socket: Path | None = flag(
        "--unix-socket", "PATH", "Connect to this Unix socket instead of the URL's host."
    )
    timeout: float = flag(
        "--timeout",
        "TIME",
        "Longest time of a request, connecting and redirects included.",
        default="120s",
        parse=parsers.duration,
    )
    no_keepalive: bool = switch("--no-keepalive", "Open a new connection for each request.")
    no_compression: bool = switch("--no-compression", "Do not ask for compressed responses.")
    http2: bool = switch(
        "--http2", "Use HTTP/2 for https where the server offers it, else HTTP/1.1."
    )
    keep_cookies: bool = switch("--keep-cookies", "Keep a user's cookies between iterations.")
    max_connections: int = flag(
        "--max-connections",
        "N",
        "Most open connections over all users; 0: no limit.",
        default=0,
        min=0,
    )

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that `--env` sets."""
        return parsers.pairs(self.env)

    @property
    def http(self) -> HttpOptions:
        return HttpOptions(
            timeout=self.timeout,
            verify=not self.insecure,
            cacert=self.cacert,
            cert=self.cert,
            key=self.key,
            proxy=self.proxy,
            unix_socket=self.unix_socket,
            keepalive=not self.no_keepalive,
            compression=not self.no_compression,
            http2=self.http2,
            keep_cookies=self.keep_cookies,
            max_connections=self.max_connections,
        )
