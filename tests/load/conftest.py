"""The timed server, and the program aimed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .runs import Boom
from .timed_server import TimedServer, timed_server


@pytest.fixture(scope="module")
def _running_timed_server() -> Iterator[TimedServer]:
    with timed_server() as server:
        yield server


@pytest.fixture
def timed(_running_timed_server: TimedServer) -> TimedServer:
    """Return the server that knows its own times, its log empty."""
    _running_timed_server.reset()
    return _running_timed_server


@pytest.fixture
def boom(timed: TimedServer, tmp_path: Path) -> Boom:
    """Return the program, aimed at the timed server."""
    return Boom(tmp_path, timed.url)
