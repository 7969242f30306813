"""nginx as the thing to aim at: a fixed JSON answer and its own count of requests."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BODY = '{"code":0,"data":{"id":42,"name":"a fixed answer, 79 bytes","tags":["a","bc"]}}'
assert len(BODY) == 79

CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 18000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} backlog=16384;
    location = /__status {{ stub_status; }}
    location / {{ default_type application/json; return 200 '{body}'; }}
  }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    url: str

    def requests(self) -> int:
        """Return the requests counted so far; this question is one of them."""
        with urllib.request.urlopen(f"{self.url}/__status", timeout=10) as response:
            counts = re.search(r"(\d+) (\d+) (\d+)", response.read().decode())
        assert counts is not None
        return int(counts[3])


@contextmanager
def nginx(core: int) -> Iterator[Nginx]:
    """Run one worker pinned to `core`, in the foreground and in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        port = _free_port()
        config = Path(folder, "nginx.conf")
        config.write_text(CONFIG.format(folder=folder, port=port, body=BODY))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = ["taskset", "-c", str(core), program, "-c", str(config), "-p", folder]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            server = Nginx(f"http://127.0.0.1:{port}")
            _wait_until_it_answers(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: Nginx, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            server.requests()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("nginx does not start; is it installed?") from None
            time.sleep(0.02)
