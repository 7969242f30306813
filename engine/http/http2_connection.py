"""A connection speaks HTTP/2 as a client, one stream at a time; it does no input or output.

Only what one stream needs is here, and it is a quarter of the work of a general library (see
perf/NOTES.md). The rules are those of RFC 9113; numbers in comments are its sections.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from ..errors import StepFailed
from . import http2_frames as frames
from .http2_frames import Code, Frame, FrameSplitter, ProtocolError
from .http2_headers import LONGEST_LIST, Fields, HeaderDecoder, HeaderEncoder, KnownBlocks, shown
from .http2_stream import Stream
from .http2_upload import Upload
from .line import NotTaken
from .response import Response

# The server may send this much of a body, or of all bodies, before it hears from us. A response
# is read whole, so there is nothing to wait for: a small window would only cost speed.
_WINDOW = 2**24
_LONGEST_FRAME = 2**16
# A server that sends this many frames without a use between two requests is not well (10.5).
_MOST_USELESS = 10_000
_SETTINGS = {
    frames.ENABLE_PUSH: 0,
    frames.INITIAL_WINDOW_SIZE: _WINDOW,
    frames.MAX_FRAME_SIZE: _LONGEST_FRAME,
    frames.MAX_HEADER_LIST_SIZE: LONGEST_LIST,
}


class Http2Connection:
    """The state of one connection. What is to be written collects in `out`.

    `is_ready` after the server's settings came; one that `is_spent` takes no further stream.
    """

    __slots__ = (
        "_block",
        "_decoder",
        "_encoder",
        "_farewell",
        "_is_orderly",
        "_max_body",
        "_most_streams",
        "_next_id",
        "_splitter",
        "_stream",
        "_unread",
        "_useless",
        "is_ready",
        "is_spent",
        "out",
        "upload",
    )

    def __init__(self, max_body: int, blocks: KnownBlocks) -> None:
        self._max_body = max_body
        self._encoder, self._decoder = HeaderEncoder(), HeaderDecoder(blocks)
        self._splitter = FrameSplitter(_LONGEST_FRAME)
        self._most_streams: float = inf
        self._unread = self._useless = 0
        self._next_id = 1
        self._stream: Stream | None = None
        # A header block that goes on, with its flags and stream.
        self._block: tuple[list[bytes], int, int] | None = None
        self._farewell = ""
        self._is_orderly = False
        self.is_ready = self.is_spent = False
        self.out = [
            frames.PREFACE,
            frames.settings_frame(_SETTINGS),
            frames.number_frame(frames.WINDOW_UPDATE, 0, _WINDOW - frames.FIRST_WINDOW),
        ]
        self.upload = Upload(self.out)

    @property
    def may_begin(self) -> bool:
        """Whether the server allows a stream now."""
        return self._most_streams > 0

    def begin(self, fields: Fields, body: bytes, *, ends: bool, expects_body: bool) -> None:
        """Open a stream with a request; `ends` False means that `upload` gets more of the body."""
        stream = self._stream = Stream(self._next_id, expects_body, self._max_body)
        self._next_id += 2
        self._useless = 0
        is_whole = ends and not body
        block = self._encoder.encode(fields)
        limit = self.upload.frame_limit
        self.out.append(frames.header_frames(stream.id, block, is_whole, limit))
        if not is_whole:
            self.upload.open(stream.id)
            self.upload.send(body, ends=ends)
        if self._next_id > frames.BIGGEST_WINDOW:  # 5.1.1: ids end there, too
            self.is_spent = True

    def cancel(self) -> None:
        """Give up the stream."""
        self._give_up(Code.CANCEL)

    def farewell(self, code: Code = Code.NO_ERROR) -> None:
        """Say that the connection ends."""
        self.out.append(frames.goaway_frame(code))

    def feed(self, data: bytes) -> Response | None:
        """Return the response that these bytes complete; raises its StepFailed.

        Raises ProtocolError if the connection cannot go on; then there is no response.
        """
        response: Response | None = None
        failure: StepFailed | None = None
        try:
            for frame in self._splitter.feed(data):
                try:
                    response = self._take(frame) or response
                except StepFailed as error:
                    failure = error
                    self._give_up(Code.PROTOCOL_ERROR)
        except ProtocolError:
            if response is None:
                raise
            self.is_spent = True  # the response came whole before
        if failure is not None:
            try:
                raise failure
            finally:
                failure = None  # the frame and the traceback would refer to each other
        return response

    def end(self, reason: str, detail: str) -> StepFailed:
        """Return the failure of the request under way when the connection ends."""
        stream, self._stream = self._stream, None
        if self._farewell:
            reason, detail = f"{reason} ({self._farewell})", "goaway"
        if stream is None:
            return StepFailed("disconnected", reason, detail)
        return stream.cut(reason, detail)

    def end_unused(self) -> StepFailed:
        """Return the failure of a connection that ends before a request may be sent."""
        failure = self.end("closed before the request", "closed")
        if not self._is_orderly:
            return failure
        return NotTaken(failure.kind, failure.message, failure.detail)

    def _take(self, frame: Frame) -> Response | None:
        type_ = frame.type
        if self._block is not None and type_ != frames.CONTINUATION:
            raise ProtocolError("a header block with another frame in it")
        if not self.is_ready and (type_ != frames.SETTINGS or frame.flags & frames.ACK):
            raise ProtocolError("the first frame is not SETTINGS")  # 3.4
        handler = _HANDLERS.get(type_)
        if type_ != frames.DATA or not frame.payload:
            self._useless += 1
            if self._useless > _MOST_USELESS:
                raise ProtocolError("too many frames without a use", Code.ENHANCE_YOUR_CALM)
        return None if handler is None else handler(self, frame)  # 4.1: unknown types are ignored

    def _give_up(self, code: Code) -> None:
        """Reset the stream, unless it is closed already."""
        if self._stream is not None:
            self.out.append(frames.number_frame(frames.RST_STREAM, self._stream.id, code))
            self._close_stream()

    def _close_stream(self) -> None:
        self._stream = None
        self.upload.close()

    def _current(self, frame: Frame) -> Stream | None:
        """Return the open stream if the frame is its; None for one that is closed already.

        Raises ProtocolError for a stream that nobody opened (5.1).
        """
        stream = self._stream
        if stream is not None and stream.id == frame.stream:
            return stream
        if not frame.stream % 2 or frame.stream >= self._next_id:
            raise ProtocolError(f"a frame for stream {frame.stream}, which is not open")
        return None

    def _done(self, response: Response | None) -> Response | None:
        """Close the stream if its response is complete."""
        if response is not None:
            if not self.upload.is_over:
                # The server has answered and needs no more of the request (8.1).
                self._give_up(Code.CANCEL)
            self._close_stream()
        return response

    def _on_data(self, frame: Frame) -> Response | None:
        stream = self._current(frame)
        size = len(frame.payload)
        data = frames.unpadded(frame) if frame.flags & frames.PADDED else frame.payload
        self._unread += size
        if self._unread > _WINDOW:
            raise ProtocolError("more data than the window allows", Code.FLOW_CONTROL_ERROR)
        if self._unread > _WINDOW // 2:
            self.out.append(frames.number_frame(frames.WINDOW_UPDATE, 0, self._unread))
            self._unread = 0
        if stream is None:
            return None
        ends = bool(frame.flags & frames.END_STREAM)
        stream.unread += size
        if stream.unread > _WINDOW:
            raise ProtocolError("more data than the window allows", Code.FLOW_CONTROL_ERROR)
        if stream.unread > _WINDOW // 2 and not ends:
            self.out.append(frames.number_frame(frames.WINDOW_UPDATE, stream.id, stream.unread))
            stream.unread = 0
        return self._done(stream.take_data(data, ends))

    def _on_headers(self, frame: Frame) -> Response | None:
        block = frame.payload
        if frame.flags & (frames.PADDED | frames.HAS_PRIORITY):
            block = frames.unpadded(frame)
        if not frame.flags & frames.END_HEADERS:
            self._block = [block], frame.flags, frame.stream
            return None
        return self._take_block(block, frame)

    def _on_continuation(self, frame: Frame) -> Response | None:
        if self._block is None or self._block[2] != frame.stream:
            raise ProtocolError("CONTINUATION of no header block")
        parts, flags, _ = self._block
        parts.append(frame.payload)
        if sum(map(len, parts)) > LONGEST_LIST:
            raise ProtocolError("a header block without an end", Code.ENHANCE_YOUR_CALM)
        if not frame.flags & frames.END_HEADERS:
            return None
        self._block = None
        return self._take_block(b"".join(parts), frame._replace(flags=flags))

    def _take_block(self, data: bytes, frame: Frame) -> Response | None:
        # Each block must be decoded, also one for a stream that is closed: it changes the table.
        block = self._decoder.decode(data)
        stream = self._current(frame)
        if stream is None:
            return None
        ends = bool(frame.flags & frames.END_STREAM)
        return self._done(stream.take_headers(block, len(data), ends))

    def _on_reset(self, frame: Frame) -> None:
        code = frames.number_of(frame.payload, "RST_STREAM")
        if (stream := self._current(frame)) is not None:
            self._close_stream()
            raise stream.reset(code)

    def _on_settings(self, frame: Frame) -> None:
        if frame.stream:
            raise ProtocolError("SETTINGS of a stream")
        settings = frames.settings_of(frame.payload)
        if frame.flags & frames.ACK:
            return
        for name, value in settings:
            self._set(name, value)
        self.out.append(frames.frame(frames.SETTINGS, frames.ACK, 0, b""))
        self.is_ready = True

    def _set(self, name: int, value: int) -> None:
        if name == frames.HEADER_TABLE_SIZE:
            self._encoder.limit(value)
        elif name == frames.MAX_CONCURRENT_STREAMS:
            self._most_streams = value
        elif name == frames.INITIAL_WINDOW_SIZE:
            self.upload.set_first_window(value)
        elif name == frames.MAX_FRAME_SIZE:
            if not frames.SMALLEST_FRAME_LIMIT <= value <= frames.LARGEST_FRAME_LIMIT:
                raise ProtocolError(f"frames of {value} bytes are not allowed")
            self.upload.frame_limit = value
        elif name == frames.ENABLE_PUSH and value:
            raise ProtocolError("a server cannot ask for pushes")  # 6.5.2

    def _on_push(self, frame: Frame) -> None:
        raise ProtocolError("a push, which was refused")

    def _on_ping(self, frame: Frame) -> None:
        if frame.stream or len(frame.payload) != 8:
            raise ProtocolError("a malformed PING", Code.FRAME_SIZE_ERROR)
        if not frame.flags & frames.ACK:
            self.out.append(frames.frame(frames.PING, frames.ACK, 0, frame.payload))

    def _on_goaway(self, frame: Frame) -> None:
        """Take no further stream; the answer to one that the server has taken still comes."""
        last, code, text = frames.farewell_of(frame.payload)
        words = f" {shown(text)}" if text else ""
        self._farewell = f"GOAWAY, {frames.name_of(code)}{words}"
        self._is_orderly = code == Code.NO_ERROR
        self.is_spent = True
        stream = self._stream
        if stream is None or last >= stream.id:
            return
        self._close_stream()
        told = f"the server did not take the request ({self._farewell})"
        kind = NotTaken if self._is_orderly else StepFailed
        raise kind("disconnected", told, "goaway")

    def _on_window(self, frame: Frame) -> None:
        more = frames.number_of(frame.payload, "WINDOW_UPDATE") & frames.BIGGEST_WINDOW
        if not frame.stream or self._current(frame) is not None:
            self.upload.widen(frame.stream, more)


_HANDLERS: dict[int, Callable[[Http2Connection, Frame], Response | None]] = {
    frames.DATA: Http2Connection._on_data,
    frames.HEADERS: Http2Connection._on_headers,
    frames.CONTINUATION: Http2Connection._on_continuation,
    frames.RST_STREAM: Http2Connection._on_reset,
    frames.SETTINGS: Http2Connection._on_settings,
    frames.PUSH_PROMISE: Http2Connection._on_push,
    frames.PING: Http2Connection._on_ping,
    frames.GOAWAY: Http2Connection._on_goaway,
    frames.WINDOW_UPDATE: Http2Connection._on_window,
}
