"""A target that knows how long each of its requests really took, by the kernel's clock.

A request begins when the kernel delivered it to this socket (SO_TIMESTAMPNS), and ends when its
response is in the other one: on the loopback device sending includes the delivery. So the times
hold all that the target does, its own queue included, and nothing of the client.

`python target.py MILLISECONDS` prints its port, and a line at the first request. At the end of
stdin it prints one JSON line: the true seconds by request id.
"""

from __future__ import annotations

import heapq
import json
import re
import select
import socket
import struct
import sys
import time
from contextlib import suppress

# <asm-generic/socket.h>; Python has no name for it.
_SO_TIMESTAMPNS = 35
_ID = re.compile(rb"(?i)\r\nx-id: ([^\r]+)")
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Target:
    """Answers each request `service` seconds after the kernel delivered it."""

    def __init__(self, service: float) -> None:
        self._service = service
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._due: list[tuple[float, int, float, str]] = []
        self._is_visited = False
        self.took: dict[str, float] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.port = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Serve until stdin ends."""
        self._poll.register(self._listener, select.EPOLLIN)
        self._poll.register(0, select.EPOLLIN)
        while True:
            for file, _ in self._poll.poll(self._patience()):
                if file == 0:
                    return
                if file == self._listener.fileno():
                    self._accept()
                else:
                    self._read(file)
            while self._due and self._due[0][0] <= time.time():
                self._answer(*heapq.heappop(self._due)[1:])

    def _patience(self) -> float:
        """Return the seconds to sleep: not into the last millisecond, which is waited out."""
        return max(0.0, self._due[0][0] - time.time() - 0.001) if self._due else 1.0

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)

    def _read(self, file: int) -> None:
        data, extra, _, _ = self._sockets[file].recvmsg(65536, 64)
        if not data:
            self._poll.unregister(file)
            self._sockets.pop(file).close()
            return
        arrived = time.time()
        if not self._is_visited:
            self._is_visited = True
            print("visited", flush=True)
        for level, kind, value in extra:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, part = struct.unpack("ll", value)
                arrived = seconds + part / 1e9
        found = _ID.search(data)
        heapq.heappush(
            self._due,
            (arrived + self._service, file, arrived, found[1].decode() if found else ""),
        )

    def _answer(self, file: int, arrived: float, id_: str) -> None:
        with suppress(OSError, KeyError):
            self._sockets[file].send(_ANSWER)
            self.took[id_] = time.time() - arrived


def main() -> None:
    target = Target(float(sys.argv[1]) / 1000)
    print(target.port, flush=True)
    target.serve()
    print(json.dumps(target.took))


if __name__ == "__main__":
    main()
