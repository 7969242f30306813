"""A stream collects one response from the frames of HTTP/2."""

from __future__ import annotations

from ..errors import StepFailed
from .decoding import decoded
from .head import Head
from .http2_frames import name_of
from .http2_headers import LONGEST_LIST, Block
from .response import Response

_WITHOUT_BODY = frozenset({204, 304})


class Stream:
    """The receiving side of one exchange; its methods raise StepFailed for a malformed response.

    `unread` are the bytes of DATA for which the server has not been given credit again.
    """

    __slots__ = ("_chunks", "_expects_body", "_fed", "_head", "_max_body", "_size", "id", "unread")

    def __init__(self, id_: int, expects_body: bool, max_body: int) -> None:
        self.id = id_
        self.unread = 0
        self._expects_body = expects_body
        self._max_body = max_body
        self._head: Head | None = None
        self._chunks: list[bytes] = []
        self._size = self._fed = 0

    def take_headers(self, block: Block, size: int, ends: bool) -> Response | None:
        """Take an interim head, the head or the trailers; return the response if this ends it."""
        self._fed += size
        if self._fed > LONGEST_LIST:
            raise StepFailed("bad_http", f"heads of more than {LONGEST_LIST} bytes")
        if self._head is not None:
            if not ends:
                raise StepFailed("bad_http", "a second head in one response")
            block.check_trailers()
            return self._whole()
        head = block.head()
        if head.status >= 200:
            self._head = head
            return self._whole() if ends else None
        if ends or head.status == 101:  # RFC 9113, 8.1 and 8.6
            raise StepFailed("bad_http", f"a {head.status} in place of a response")
        return None

    def take_data(self, data: bytes, ends: bool) -> Response | None:
        """Take a part of the body; return the response if this ends it."""
        head = self._head
        if head is None:
            raise StepFailed("bad_http", "a body before its head")
        if data and self._expects_body:
            self._size += len(data)
            if head.status in _WITHOUT_BODY:
                raise StepFailed("bad_http", f"a {head.status} with a body")
            if self._size > self._max_body:
                raise StepFailed("too_large", f"body over {self._max_body} bytes")
            self._chunks.append(data)
        return self._whole() if ends else None

    def reset(self, code: int) -> StepFailed:
        """Return the failure that an RST_STREAM of the server means."""
        name = name_of(code)
        return self.cut(f"the server reset the stream: {name}", name.lower())

    def cut(self, message: str, detail: str) -> StepFailed:
        """Return the failure for a response that ends before it is complete."""
        if self._head is None:
            return StepFailed("disconnected", message, detail)
        return StepFailed("truncated", f"{message}, after {self._size} bytes of the body", detail)

    def _whole(self) -> Response:
        head, chunks = self._head, self._chunks
        assert head is not None
        if self._expects_body and head.status not in _WITHOUT_BODY:
            self._check_length(head)
        content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if head.is_encoded and content:
            lines = head.headers.getall("Content-Encoding", ())
            content = decoded(content, lines, self._max_body)
        return Response(head, content)

    def _check_length(self, head: Head) -> None:
        told = head.length
        if told is None or told == self._size:
            return
        if told > self._size:
            what = f"ended after {self._size} of {told} bytes of the body"
            raise StepFailed("truncated", what, "length")
        raise StepFailed("bad_http", f"a body of {self._size} bytes, and Content-Length {told}")
