"""`boomtalk demo`: a load test of the shipped example project."""

from __future__ import annotations

from . import assembly
from .flags.demo import DemoFlags
from .flags.group import with_flags


@with_flags
def demo(flags: DemoFlags) -> None:
    """Load-test the shipped example project against a target server of its own."""
    assembly.demo_and_exit(flags)
