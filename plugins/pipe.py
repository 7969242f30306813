"""Send and receive frames on the parent's end of the socket to a plugin process.

It uses the socket directly instead of a transport of asyncio. After a crash it must know exactly
which frames the kernel had taken, and transports do not report that. Also, asyncio and uvloop
behave differently on a write to a dead peer.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterable

from .child import HEADER, READ_SIZE, Frame, FrameError, FrameReader

# About what a socket buffer takes: joining more frames than are sent at once would copy in vain.
WRITE_SIZE = 256 * 1024


class Pipe:
    """Sends and receives frames on `sock` without blocking.

    `on_frames` is called with every batch that arrives, `on_lost` once when the other side has
    closed, `on_fault` when it violates the protocol. Neither closes the pipe.
    """

    def __init__(
        self,
        sock: socket.socket,
        on_frames: Callable[[list[Frame]], None],
        on_lost: Callable[[], None],
        on_fault: Callable[[str], None],
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self.on_frames = on_frames
        self._on_lost = on_lost
        self._on_fault = on_fault
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._unsent: deque[bytes] = deque()
        self._offset = 0  # bytes of the first unsent frame that the kernel already has
        self._is_writing = False
        self._is_open = True
        self._loop.add_reader(sock, self._readable)

    @property
    def has_room(self) -> bool:
        """Return whether a frame would be sent at once; if not, calls should wait in their queue.

        There they can still be cancelled, or go to the next process.
        """
        return not self._unsent

    def write(self, frames: Iterable[bytes]) -> None:
        """Send as much as the kernel takes now, and the rest as soon as it takes more."""
        self._unsent.extend(frames)
        if not self._is_writing and self._is_open:
            self._writable()

    def unsent_ids(self) -> list[int]:
        """Return the ids of the frames that were not fully written, in order."""
        return [HEADER.unpack_from(frame)[3] for frame in self._unsent]

    def end(self, then: Callable[[], None]) -> None:
        """Receive everything that the other side wrote before it closed; close; call `then`."""
        while self._is_open and self._receive():
            pass
        self.close()
        then()

    def close(self) -> None:
        """Close the socket; calling it again does nothing."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self._sock)
            self._stop_writing()
            self._sock.close()

    def _readable(self) -> None:
        self._receive()

    def _receive(self) -> bool:
        try:
            chunk = self._sock.recv(READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._lose()
            return False
        try:
            self.on_frames(self._reader.feed(chunk))
        except FrameError as error:
            self._fail(str(error))
            return False
        return True

    def _lose(self) -> None:
        self._loop.remove_reader(self._sock)
        self._on_lost()

    def _fail(self, why: str) -> None:
        self._loop.remove_reader(self._sock)
        self._on_fault(why)

    def _writable(self) -> None:
        try:
            while self._unsent and self._send_some():
                pass
        except OSError:
            # `_receive` will notice that the other side is gone. Frames that are still in
            # `_unsent` were not written.
            self._stop_writing()
            return
        if not self._unsent:
            self._stop_writing()
        elif not self._is_writing:
            self._is_writing = True
            self._loop.add_writer(self._sock, self._writable)

    def _send_some(self) -> bool:
        data = self._next_bytes()
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            return False
        self._drop(sent)
        return sent == len(data)

    def _next_bytes(self) -> bytes | memoryview:
        first = self._unsent[0]
        if self._offset or len(first) > WRITE_SIZE:
            return memoryview(first)[self._offset :]
        return self._join()

    def _join(self) -> bytes:
        size, frames = 0, []
        for frame in self._unsent:
            size += len(frame)
            frames.append(frame)
            if size > WRITE_SIZE:
                break
        return b"".join(frames)

    def _drop(self, sent: int) -> None:
        sent += self._offset
        unsent = self._unsent
        while unsent and sent >= len(unsent[0]):
            sent -= len(unsent.popleft())
        self._offset = sent

    def _stop_writing(self) -> None:
        if self._is_writing:
            self._is_writing = False
            self._loop.remove_writer(self._sock)
