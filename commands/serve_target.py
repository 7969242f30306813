"""`boomtalk target`: something to aim at."""

from __future__ import annotations

from typing import Annotated

import typer

Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")]
Delay = Annotated[float, typer.Option("--delay", min=0, help="Seconds before each answer.")]


def target(host: Host = "127.0.0.1", port: Port = 8080, delay: Delay = 0.0) -> None:
    """Serve the shop that the example projects are for, until Ctrl-C."""
    import uvloop
    from boomtalk.engine.errors import UsageError
    from boomtalk.examples.target import serve

    try:
        uvloop.run(serve(host, port, delay, exit_with_stdin=False))
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from error
