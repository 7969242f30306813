"""Provide a project in a temporary folder, run it on both event loops, and check for leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import grpc.aio
import psutil
import pytest
import uvloop

from tests.support.forked import fork_server

from .bench import PROJECTS, files_below

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session", autouse=True)
def _what_stays_is_there() -> None:
    """The first loop of a process keeps a few file descriptors for good; so do gRPC and we."""
    for first_run in (asyncio.run, uvloop.run):
        first_run(asyncio.sleep(0))
        first_run(_use_grpc())
    fork_server()


async def _use_grpc() -> None:
    async with grpc.aio.insecure_channel("unix:/dev/null") as channel:
        with contextlib.suppress(grpc.aio.AioRpcError):
            await channel.unary_unary("/nothing")(b"")


@pytest.fixture(params=["uvloop", pytest.param("asyncio", marks=pytest.mark.extra)])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a coroutine on each kind of event loop; programs run on uvloop."""
    return asyncio.run if request.param == "asyncio" else uvloop.run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a debugtalk.py into a folder below tmp_path and return its path."""

    def write_source(source: str, folder: str = "project") -> Path:
        path = tmp_path / folder / "debugtalk.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return path

    return write_source


def open_fds() -> dict[str, str]:
    found = {}
    for fd in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found[fd] = os.readlink(f"/proc/self/fd/{fd}").split(":")[0]
    return found


def children() -> set[psutil.Process]:
    """Return what this process has started: plugins, but also the servers that stay."""
    return set(psutil.Process().children())


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """Fail if a process, a file descriptor, or a file that is not the user's outlives a test."""
    gc.collect()
    # What is there now is not this test's; to look at all of it again takes a tenth of a second.
    gc.freeze()
    fds, shipped, others = len(open_fds()), files_below(PROJECTS), children()
    yield
    gc.collect()
    assert children() - others == set()
    _wait_for_grpc(fds)
    assert len(open_fds()) <= fds, open_fds()
    assert files_below(PROJECTS) == shipped


def _wait_for_grpc(fds: int) -> None:
    """A thread of gRPC closes the socket of a channel a little later than the channel."""
    until = time.monotonic() + 10
    while len(open_fds()) > fds and time.monotonic() < until:
        time.sleep(0.01)
