"""Read what a plugin in Go prints about itself: its address, and the log of its library."""

from __future__ import annotations

import re
from urllib.parse import quote

from msgspec import Struct

# Printed by go-plugin as the line `1|1|unix|/tmp/plugin123|grpc|`: version of go-plugin's protocol,
# version of the plugin's, network, address, kind of RPC. A program may have printed something
# before it, on the same line, too.
_HANDSHAKE = re.compile(rb"1\|(\d+)\|(unix|tcp)\|([^|]+)\|(\w+)")
PROTOCOL = b"1"

# The library tells every call, and the errors that its caller gets anyway. The lines are those of
# fungo since 0.5.2, of go-plugin, and of fungo before 0.5.2 on stderr and on stdout.
_CHATTER = re.compile(
    rb"""\[(TRACE|DEBUG)\]
    | \[INFO\]\ +fungo:\ (register\ plugin|start\ plugin)
    | \[ERROR\]\ +fungo:\ (gRPC_server|convert\ arguments)
    | \{"@level":"(trace|debug)"
    | \{"level":"info",.*"message":"(gRPC\ |start\ plugin)
    | \d[-\d]+T\S+\ \[INFO\]\ +grpc:\ call\ function""",
    re.VERBOSE,
)


class Handshake(Struct, frozen=True):
    """Where a plugin listens; `problem` says why it cannot be used, else it is empty."""

    network: str
    address: str
    problem: str

    @property
    def target(self) -> str:
        """Return the address in the way that gRPC writes it."""
        return f"unix:{quote(self.address)}" if self.network == "unix" else self.address


def find_handshake(line: bytes) -> Handshake | None:
    found = _HANDSHAKE.search(line)
    if found is None:
        return None
    version, network, address, rpc = found.groups()
    problem = ""
    if version != PROTOCOL:
        problem = f"it speaks version {version.decode()} of the protocol, not {PROTOCOL.decode()}"
    elif rpc != b"grpc":
        problem = f"it speaks {rpc.decode()}, not grpc"
    return Handshake(network.decode(), address.decode("utf-8", "surrogateescape"), problem)


def is_chatter(line: bytes) -> bool:
    """Return whether a line is of the library's log: nothing that the author prints."""
    return _CHATTER.match(line) is not None
