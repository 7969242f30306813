"""`boomtalk version`: what a report of a fault should name."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

from boomtalk.engine.output.streams import say
from boomtalk.version import VERSION

from .border import ending_with_a_code

_PACKAGES = ("aiohttp", "uvloop", "httptools", "orjson", "hpack")
_EXTRAS = ("grpcio", "prometheus-client", "ray")


@ending_with_a_code
def version() -> None:
    """Show the versions of boomtalk, of Python, and of the packages that matter."""
    say(sys.stdout, f"boomtalk {VERSION}")
    say(sys.stdout, f"{platform.python_implementation()} {platform.python_version()}")
    say(sys.stdout, platform.platform())
    say(sys.stdout, ", ".join(_installed()))


def _installed() -> Iterator[str]:
    """Yield the packages that are there with their versions; extras may be missing."""
    for name in (*_PACKAGES, *_EXTRAS):
        try:
            yield f"{name} {version_of(name)}"
        except PackageNotFoundError:
            continue
