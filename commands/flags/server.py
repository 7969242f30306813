"""The flags of `target`."""

from __future__ import annotations

from .group import FlagGroup, Panel

flag = Panel("Server").flag


class ServerFlags(FlagGroup):
    """Where the target listens, and how fast it answers."""

    host: str = flag("--host", "ADDRESS", "Address to listen on.", default="127.0.0.1")
    port: int = flag(
        "--port", "N", "Port to listen on; 0: a free one.", default=8080, min=0, max=65535
    )
    delay: float = flag("--delay", "SECONDS", "Wait before each answer.", default=0.0, min=0)
