"""An address to listen on, as the user writes it, and the names that this machine has there."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from typing import Self

from msgspec import Struct


class Address(Struct, frozen=True):
    """An address to listen on; port 0 means any free port."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the address in a text such as `9100` or `[::1]:9100`."""
        host, _, port = text.rpartition(":")
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can reach the address."""
        return self.host == "localhost" or (_is_ip(self.host) and ip_address(self.host).is_loopback)

    def url(self, port: int) -> str:
        """Return the URL of this host with the port that was chosen.

        For all addresses of this machine it has the machine's name, which others know it by.
        """
        if _is_ip(self.host) and ip_address(self.host).is_unspecified:
            return f"http://{socket.gethostname()}:{port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}"

    def is_named_by(self, host: str) -> bool:
        """Return whether a Host header names this machine.

        This guards against DNS rebinding: a web page can let its own name resolve to this machine
        and so read from it with the user's browser, but it cannot do so with an IP address.
        """
        name = re.sub(r":\d*$", "", host).strip("[]").lower()
        return _is_ip(name) or name in {
            "localhost",
            self.host.lower(),
            socket.gethostname().lower(),
        }


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
