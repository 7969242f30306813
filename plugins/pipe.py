"""The parent's end of the socket to one plugin process: whole frames out, whole frames in.

It reads and writes the socket itself rather than through a transport, because after a crash it
must know exactly which frames the kernel had taken, and transports do not tell (nor do asyncio
and uvloop agree on what a write to a dead peer does).
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterable

from .child import HEADER, READ_SIZE, Frame, FrameError, FrameReader

WRITE_SIZE = 256 * 1024


class Pipe:
    """Non-blocking frames over `sock`.

    `on_frames` gets every batch that arrives; `on_lost` is called once when the other side has
    closed, `on_fault` when it does not speak the protocol. Neither closes the pipe.
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
        """Whether frames go straight to the kernel; otherwise they had better wait outside."""
        return not self._unsent

    def write(self, frames: Iterable[bytes]) -> None:
        """Send as much as the kernel takes now and the rest as soon as it takes more."""
        self._unsent.extend(frames)
        if not self._is_writing and self._is_open:
            self._writable()

    def unsent_ids(self) -> list[int]:
        """Return the ids of the frames that were not fully written, in order."""
        return [HEADER.unpack_from(frame)[3] for frame in self._unsent]

    def drain(self) -> None:
        """Deliver everything that the other side wrote before it went away."""
        while self._is_open and self._receive():
            pass

    def close(self) -> None:
        """Let go of the socket; idempotent."""
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
            # Reading tells of the loss; frames that are still here were not written.
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
