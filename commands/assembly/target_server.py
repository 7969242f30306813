"""Serve the target of the example projects."""

from __future__ import annotations

import errno
import os
import socket

from boomtalk.engine.errors import UsageError
from boomtalk.examples.target import serve

from ..flags.server import ServerFlags
from .loop import run_on_loop

_NEAR = 20


def serve_target(flags: ServerFlags) -> None:
    """Serve until Ctrl-C; raises UsageError for an address that is taken."""
    host, port = flags.host, flags.port
    try:
        run_on_loop(serve(host, port, flags.delay, exit_with_stdin=False))
    except OSError as error:
        hint = _another_port(host, port) if error.errno == errno.EADDRINUSE else ""
        what = f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}"
        raise UsageError(what, hint) from error


def _another_port(host: str, port: int) -> str:
    """Return a hint with a free port near to the one that is taken."""
    for near in (*range(port + 1, min(port + _NEAR, 65536)), 0):
        try:
            with socket.create_server((host, near)) as free:
                return f"--port {free.getsockname()[1]} is free"
        except OSError:
            continue
    return ""
