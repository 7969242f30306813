"""Serve the target of the example projects."""

from __future__ import annotations

import uvloop
from boomtalk.engine.errors import UsageError
from boomtalk.examples.target import serve

from ..flags.server import ServerFlags


def serve_target(flags: ServerFlags) -> None:
    """Serve until Ctrl-C; raises UsageError for an address that is taken."""
    host, port = flags.host, flags.port
    try:
        uvloop.run(serve(host, port, flags.delay, exit_with_stdin=False))
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from error
