"""An upload sends the bodies of one connection's requests as fast as the server allows it."""

from __future__ import annotations

from . import http2_frames as frames
from .http2_frames import Code, ProtocolError


class Upload:
    """Keeps the windows of the server (RFC 9113, 5.2) and the body that waits for them.

    The frames go to `out`; none is longer than `frame_limit`. The upload of a request without
    a body is over before it begins.
    """

    __slots__ = (
        "_first",
        "_is_whole",
        "_out",
        "_stream",
        "_stream_window",
        "_unsent",
        "_window",
        "frame_limit",
        "is_over",
    )

    def __init__(self, out: list[bytes]) -> None:
        self._out = out
        self._window = self._first = frames.FIRST_WINDOW
        self._stream = self._stream_window = 0
        self._unsent = memoryview(b"")
        self._is_whole = False
        self.is_over = True
        self.frame_limit = frames.SMALLEST_FRAME_LIMIT

    @property
    def is_waiting(self) -> bool:
        """Whether a part of the body waits until the server allows more."""
        return len(self._unsent) > 0

    def open(self, stream: int) -> None:
        """Begin the body of a stream's request."""
        self._stream, self._stream_window = stream, self._first
        self._is_whole = self.is_over = False

    def close(self) -> None:
        """Drop what is not sent yet."""
        self._unsent = memoryview(b"")
        self.is_over = True

    def send(self, data: bytes, *, ends: bool) -> None:
        """Send more of the body, as far as it is allowed; nothing may be waiting."""
        self._unsent = memoryview(data)
        self._is_whole = ends
        self._pump()

    def _pump(self) -> None:
        while not self.is_over and (self._unsent or self._is_whole):
            size = min(len(self._unsent), self.frame_limit, self._window, self._stream_window)
            if self._unsent and size <= 0:
                return
            part, self._unsent = self._unsent[:size], self._unsent[size:]
            self._window -= size
            self._stream_window -= size
            self.is_over = self._is_whole and not self._unsent
            flags = frames.END_STREAM if self.is_over else 0
            self._out.append(frames.frame(frames.DATA, flags, self._stream, part))

    def set_first_window(self, size: int) -> None:
        """Use another window for streams, the open one included (6.9.2): it may be negative."""
        if size > frames.BIGGEST_WINDOW:
            raise ProtocolError("a window that is too large", Code.FLOW_CONTROL_ERROR)
        self._stream_window += size - self._first
        self._first = size
        self._pump()

    def widen(self, stream: int, more: int) -> None:
        """Widen the window of the connection (stream 0) or of the open stream."""
        if not more:
            raise ProtocolError("a WINDOW_UPDATE of 0")
        if stream:
            self._stream_window += more
        else:
            self._window += more
        if max(self._window, self._stream_window) > frames.BIGGEST_WINDOW:
            raise ProtocolError("a window that is too large", Code.FLOW_CONTROL_ERROR)
        self._pump()
