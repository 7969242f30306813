"""Run the program and a server in a separate network: `python -m tests.load.own_network WAY DIR`.

Start it with `unshare --map-root-user --net --mount`, see `in_own_network`. It prints the results
of the run as JSON.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.load_runs import GET, Boom
from tests.support.timed_server import TimedServer, timed_server
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
PORTS = 20
LOOKUP_SECONDS = 1.0
UNSHARE = ("unshare", "--map-root-user", "--net", "--mount")


def in_own_network(way: str, folder: Path) -> dict[str, Any]:
    """Return the results of the run: code, err, report, samples, seen, lookups."""
    inner = f"ip link set lo up && exec {sys.executable} -m tests.load.own_network {way} {folder}"
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", inner], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def few_ports(server: TimedServer, boom: Boom) -> Mapping[str, Any]:
    """Run twice as many users as there are ports."""
    settings = Path("/proc/sys/net/ipv4/ip_local_port_range")
    port = int(server.url.rpartition(":")[2])
    first = 20_000 if port > 30_000 else 50_000
    settings.write_text(f"{first} {first + PORTS - 1}")
    results = boom(GET.format(url="/ms/700"), "-u", str(2 * PORTS), "-d", "3s")
    # Asking the server for its counts needs a port, too.
    settings.write_text("32768 60999")
    return told(boom, results, server)


def slow_dns(server: TimedServer, boom: Boom) -> Mapping[str, Any]:
    """Run users that must look up a name first, with a slow resolver."""
    resolver = SlowResolver()
    resolv = boom.case.with_name("resolv.conf")
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:10\n")
    subprocess.run(["mount", "--bind", resolv, "/etc/resolv.conf"], check=True)
    url = server.url.replace("127.0.0.1", "slow.test")
    results = boom(GET.format(url=f"{url}/ms/5"), "-u", "10", "--loops", "3")
    return {**told(boom, results, server), "lookups": resolver.asked}


def no_ipv6(server: TimedServer, boom: Boom) -> Mapping[str, Any]:
    """Connect to an address of a kind that this machine does not have."""
    Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
    url = server.url.replace("127.0.0.1", "[::1]")
    return told(boom, boom(GET.format(url=f"'{url}/'"), "-i", "3"), server)


def told(boom: Boom, results: Any, server: TimedServer) -> dict[str, Any]:
    return {
        "code": results.ended.code,
        "err": results.ended.err,
        "report": results.report,
        "samples": results.samples,
        "seen": [entry["id"] for entry in server.log()],
    }


class SlowResolver:
    """Answers each lookup with 127.0.0.1 (or no IPv6 address) after a while."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(4096)
            threading.Thread(target=self._answer, args=(question, sender), daemon=True).start()

    def _answer(self, question: bytes, sender: tuple[str, int]) -> None:
        end = question.index(b"\0", 12) + 5
        (kind,) = struct.unpack("!H", question[end - 4 : end - 2])
        self.asked.append({1: "A", 28: "AAAA"}.get(kind, str(kind)))
        time.sleep(LOOKUP_SECONDS)  # this is the slowness itself
        address = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1" if kind == 1 else b""
        counts = struct.pack("!HHHHH", 0x8180, 1, 1 if address else 0, 0, 0)
        self._socket.sendto(question[:2] + counts + question[12:end] + address, sender)


WAYS = {"few-ports": few_ports, "slow-dns": slow_dns, "no-ipv6": no_ipv6}


def main() -> None:
    way, folder = WAYS[sys.argv[1]], Path(sys.argv[2])
    with timed_server() as server:
        print(json.dumps(way(server, Boom(folder, server.url))))


if __name__ == "__main__":
    main()
