"""Servers and the process audit that tests share.

A server is started once per worker of pytest-xdist and counts from 0 for each test.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess, target_process
from hypothesis import settings

from tests.support.bad_server import BadServerProcess, bad_server_process
from tests.support.load_runs import Boom
from tests.support.processes import MARK, Auditor
from tests.support.timed_server import TimedServer, timed_server


def pytest_configure() -> None:
    """Let signals reach the programs: a shell ignores Ctrl-C in jobs behind it, nohup hang-ups."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from what is collected here, which stays until the end.

    Visiting thousands of tests again and again takes a fourth of the time to collect them, and
    makes each later collection of garbage expensive.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


# A busy machine must not make an example too slow: what hangs ends by the limit of its test.
# `make test-extra` tries the same properties with many more examples.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def _running_target() -> Iterator[TargetProcess]:
    with target_process() as target:
        yield target


@pytest.fixture
def target(_running_target: TargetProcess) -> TargetProcess:
    """Return the shop with its counts at 0."""
    _running_target.reset()
    return _running_target


@pytest.fixture(scope="session")
def _running_bad_server() -> Iterator[BadServerProcess]:
    with bad_server_process() as server:
        yield server


@pytest.fixture
def bad_server(_running_bad_server: BadServerProcess) -> BadServerProcess:
    """Return the server with one path per defect, with an empty log."""
    _running_bad_server.reset()
    return _running_bad_server


@pytest.fixture(scope="session")
def _running_timed_server() -> Iterator[TimedServer]:
    with timed_server() as server:
        yield server


@pytest.fixture
def timed(_running_timed_server: TimedServer) -> TimedServer:
    """Return the server that measures its own times, with an empty log."""
    _running_timed_server.reset()
    return _running_timed_server


@pytest.fixture
def boom(timed: TimedServer, tmp_path: Path) -> Boom:
    """Return the program, with the timed server as its target."""
    return Boom(tmp_path, timed.url)


@pytest.fixture
def no_leftovers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Auditor]:
    """Mark every process that the test starts; fail if one is left at the end."""
    auditor = Auditor()
    monkeypatch.setenv(MARK, auditor.mark)
    yield auditor
    auditor.assert_none_left()
