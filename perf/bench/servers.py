"""Run the target servers, which answer fast and count requests themselves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import trustme

from . import pinning
from .cpu import REAPER

BODY = '{"code":0,"data":{"id":42,"name":"a fixed answer, 79 bytes","tags":["a","bc"]}}'
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
_CONFIG = Path(__file__).with_name("nginx.conf")
# Far more than a start takes, so that other work on the machine does not look like a fault.
_START_SECONDS = 60.0


class Server(Protocol):
    """A server that counts requests (or messages), and those that it refused."""

    @property
    def url(self) -> str: ...
    @property
    def tls_url(self) -> str: ...
    @property
    def http2_url(self) -> str: ...

    def requests(self) -> int: ...
    def refused(self) -> int: ...


class Nginx:
    """An nginx with one worker, in a temporary folder."""

    def __init__(self, folder: Path, port: int, tls_port: int, http2_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.tls_url = f"https://127.0.0.1:{tls_port}"
        self.http2_url = f"https://127.0.0.1:{http2_port}"
        self._refusals = folder / "refused.log"
        self._asked = 0

    def requests(self) -> int:
        """Return how many requests were counted so far, without those for this number."""
        with urllib.request.urlopen(f"{self.url}/__status", timeout=10) as response:
            counts = re.search(r"(\d+) (\d+) (\d+)", response.read().decode())
        assert counts is not None
        self._asked += 1
        return int(counts[3]) - self._asked

    def refused(self) -> int:
        return self._refusals.stat().st_size // len("x\n") if self._refusals.exists() else 0


class Echo:
    """A server that sends websocket messages back and counts them."""

    tls_url = http2_url = ""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def requests(self) -> int:
        with urllib.request.urlopen(f"{self.url}/__status", timeout=10) as response:
            return int(json.load(response))

    def refused(self) -> int:
        return 0


@contextmanager
def nginx() -> Iterator[Nginx]:
    """Run nginx on the server's cores; raises RuntimeError if it does not start."""
    with tempfile.TemporaryDirectory() as name:
        folder, ports = Path(name), (free_port(), free_port(), free_port())
        _furnish(folder, *ports)
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [program, "-c", str(folder / "nginx.conf"), "-p", name]
        with _process(command) as process:
            server = Nginx(folder, *ports)
            _wait_until_it_answers(server, process)
            yield server


@contextmanager
def echo() -> Iterator[Echo]:
    """Run the websocket server on the server's cores."""
    port = free_port()
    with _process([sys.executable, "-m", "perf.bench.echo", str(port)]) as process:
        server = Echo(port)
        _wait_until_it_answers(server, process)
        yield server


SERVERS: dict[str, Callable[[], AbstractContextManager[Server]]] = {"nginx": nginx, "echo": echo}


def _furnish(folder: Path, port: int, tls_port: int, http2_port: int) -> None:
    # The worker of nginx does not run as root, but must read these files.
    folder.chmod(0o755)
    certificate = trustme.CA().issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(folder / "server.pem", append=True)
    (folder / "size").mkdir()
    for size in SIZES:
        (folder / "size" / str(size)).write_bytes(b"x" * size)
    (folder / "large").write_bytes(b"x" * 100_000)
    text = _CONFIG.read_text().replace("FOLDER", str(folder)).replace("BODY", BODY)
    text = text.replace("PLAIN_PORT", str(port)).replace("TLS_PORT", str(tls_port))
    text = text.replace("HTTP2_PORT", str(http2_port))
    (folder / "nginx.conf").write_text(text)


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    # The reaper kills the server when this process ends, in whatever way.
    reaper = [sys.executable, str(REAPER), os.devnull]
    process = subprocess.Popen(
        [*reaper, *pinning.pinned(pinning.SERVER, command)],
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        process_group=0,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.requests()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{process.args!r} does not start") from None
            time.sleep(0.02)
