"""`boomtalk target`: a server to aim at."""

from __future__ import annotations

from . import assembly
from .flags.group import with_flags
from .flags.server import ServerFlags


@with_flags
def target(flags: ServerFlags) -> None:
    """Serve the shop that the example projects are for, until Ctrl-C."""
    assembly.serve_target(flags)
