"""Test connections that open late, or break while they open."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.accounting import check_accounting
from tests.support.load_runs import GET, Boom
from tests.support.raw_http import answer
from tests.support.waiting import wait_until

Way = Callable[[socket.socket], None]


def close_at_hello(peer: socket.socket) -> None:
    peer.recv(1)
    peer.recv(65536)


def reset_at_hello(peer: socket.socket) -> None:
    peer.recv(1)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_in_hello(peer: socket.socket) -> None:
    """Begin a handshake record, then reset."""
    peer.recv(65536)
    peer.sendall(b"\x16\x03\x03\x00\x7a\x02")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def each_connection(way: Way) -> Iterator[int]:
    """Handle every connection with this function, then close it; return the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, way))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listener: socket.socket, way: Way) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            way(peer)


@pytest.mark.parametrize("way", [close_at_hello, reset_at_hello, reset_in_hello])
def test_a_handshake_that_is_broken_off_is_no_connection_and_nothing_is_sent(
    way: Way, tmp_path: Path
) -> None:
    with each_connection(way) as port:
        boom = Boom(tmp_path, f"https://127.0.0.1:{port}")
        results = boom(GET.format(url="/"), "-i", "3")
    assert [sample["kind"] for sample in results.samples] == ["connect"] * 3
    detail = "closed" if way is close_at_hello else "reset"
    assert {sample["detail"] for sample in results.samples} == {detail}
    assert [sample["latency_ms"] for sample in results.samples] == [None] * 3
    assert results.report["wire"]["requests"] == 0


@contextmanager
def full_queue() -> Iterator[socket.socket]:
    """Listen with a queue of connections that is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener


def serve(listener: socket.socket) -> None:
    """Accept the waiting connections, answer the one that sends a request, and end."""
    while True:
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(0.05)
            try:
                if peer.recv(65536):
                    peer.sendall(answer())
                    return
            except TimeoutError:
                continue


def is_connecting(pid: int, port: int) -> bool:
    found = psutil.Process(pid).net_connections("tcp")
    return any(one.status == "SYN_SENT" and one.raddr[1] == port for one in found)


def test_a_full_queue_of_connections_shows_in_connecting_and_not_in_latency(
    tmp_path: Path,
) -> None:
    with full_queue() as listener:
        port = listener.getsockname()[1]
        boom = Boom(tmp_path, f"http://127.0.0.1:{port}")
        with boom.running(GET.format(url="/"), "-i", "1") as running:
            wait_until(lambda: is_connecting(running.pid, port), "the first try to connect")
            serve(listener)
            results = boom.results(running.wait())
    check_accounting(results.report)
    (sample,) = results.samples
    assert sample["kind"] == "ok"
    # The system tries again after a second.
    assert sample["connect_ms"] > 500
    assert sample["latency_ms"] < sample["connect_ms"]
