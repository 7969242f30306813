"""A reader turns the bytes of one connection into whole responses.

llhttp (through httptools) parses them. The reader adds what llhttp leaves to its user: limits for
heads and bodies, responses without a body or without a length, and what follows a response.
"""

from __future__ import annotations

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpResponseParser,
)

from ..errors import StepFailed
from .chunk_extensions import ExtensionFilter, body_of
from .decoding import decoded
from .head import Head, Heads
from .response import Response

_MOST_FIELDS = 128
_LONGEST_FIELD = 8190
_LONGEST_HEAD = _MOST_FIELDS * _LONGEST_FIELD
# A new parser takes a few microseconds.
_ENOUGH = 8


class ResponseReader:
    """Reads one response at a time; the methods whose names begin with `on_` are the parser's.

    `is_spent` says that the connection cannot be used again: the server closes it, or sent
    something that nobody asked for. `rest` are the bytes behind a response that ended HTTP (101);
    then it `is_upgraded`.
    """

    __slots__ = (
        "_chunks",
        "_expects_body",
        "_fed",
        "_filter",
        "_heads",
        "_is_in_body",
        "_is_odd",
        "_keeps_alive",
        "_looked_up",
        "_max_body",
        "_names",
        "_parser",
        "_reason",
        "_response",
        "_seen",
        "_size",
        "_status",
        "_values",
        "is_fresh",
        "is_spent",
        "is_upgraded",
        "rest",
    )

    def __init__(self, max_body: int, heads: Heads) -> None:
        self._max_body = max_body
        self._heads = heads
        self._names: list[bytes] = []
        self._values: list[bytes] = []
        self._chunks: list[bytes] = []
        self._reason = b""
        self.rest = b""
        self._fed = self._size = self._status = self._looked_up = 0
        # The bytes of a response that may have to be read again, and the filter for them.
        self._seen: list[bytes] = []
        self._filter: ExtensionFilter | None = None
        self._expects_body = True
        self._is_odd = self._is_in_body = self.is_fresh = self.is_upgraded = False
        self._keeps_alive = self.is_spent = False
        self._response: Response | None = None
        self._parser: HttpResponseParser | None = None

    def expect(self, body: bool) -> None:
        """Prepare for a response; to a HEAD request it has no body.

        A reader that `is_fresh` is prepared for one with a body: the last was looked up.
        """
        # After the answer to HEAD the parser would still wait for a body.
        if self._parser is None or not self._expects_body:
            self._parser = _parser_for(self)
        self._expects_body = self.is_fresh = body
        self._is_odd = self._is_in_body = False
        self._fed = 0

    def feed(self, data: bytes) -> Response | None:
        """Return the response that these bytes complete; raises StepFailed."""
        if not self.is_fresh:
            return self._parse(data)
        heads = self._heads
        end = data.find(b"\r\n\r\n") + 4
        if (known := heads.known.get(data[:end])) is not None:
            head, length = known
            if len(data) == end + length:
                heads.hits += 1
                if self._parser is not None:
                    self._spare_parser()
                if head.is_encoded:
                    return self._response_of(head, data[end:])
                return Response(head, data[end:])
        self.is_fresh = False
        if self._parser is None:
            self._parser = _parser_for(self)
        response = self._parse(data)
        if response is not None and not self.is_spent:
            heads.learn(data, end, response.head)
        return response

    def _spare_parser(self) -> None:
        """Drop the parser, which has 2 KB, once some responses did not need it."""
        self._looked_up += 1
        if self._looked_up > _ENOUGH:
            self._parser = None
            self._names, self._values = [], []
            self._looked_up = 0

    def _parse(self, data: bytes) -> Response | None:
        assert self._parser is not None
        self._fed += len(data)
        if self._filter is not None:
            data = self._filter.strip(data)
        if not self._is_in_body:
            self._is_odd = self._is_odd or self._fed > _LONGEST_FIELD or b"\0" in data
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as end:
            self.is_spent = self.is_upgraded = True
            self.rest = data[end.args[0] :]
        except HttpParserError as error:
            if self._filter is None and "chunk extensions" in str(error):
                return self._read_again(data)
            self._judge(error)
        response = self._response
        if response is None:
            self._remember(data)
            return None
        self._response = None
        if self._seen:
            self._seen.clear()
            self._filter = None
        return response

    def keep(self, data: bytes) -> bool:
        """Keep the bytes behind a response that ended HTTP; returns False if HTTP has not ended."""
        if not self.is_upgraded or len(self.rest) > _LONGEST_HEAD:
            return False
        self.rest += data
        return True

    def end(self, error: BaseException | None) -> Response:
        """Return the response that the end of the connection completes; raises StepFailed.

        `error` is the reason of the end, None if the server closed the connection.
        """
        if not self._is_in_body and error is not None:
            reason = getattr(error, "strerror", None) or "connection lost"
            raise StepFailed("disconnected", reason, "reset")
        if not self._is_in_body:
            raise StepFailed("disconnected", "closed before the response was complete", "closed")
        response = self._whole()
        if error is not None or _tells_its_end(response):
            raise StepFailed("truncated", f"closed after {self._size} bytes of the body")
        return response

    def close(self) -> None:
        """Drop the parser: the two refer to each other."""
        self._parser = None

    def on_message_begin(self) -> None:
        if self._response is not None:
            self.is_spent = True  # a second response to one request
        self._names, self._values = [], []
        self._reason = b""
        self._size = 0

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_body:  # a trailer, which nobody reads
            self._names.append(name)
            self._values.append(value)

    def on_headers_complete(self) -> None:
        parser = self._parser
        assert parser is not None
        if self._is_odd or len(self._names) > _MOST_FIELDS:
            self._check_fields()
        self._is_in_body = True
        self._keeps_alive = parser.should_keep_alive()
        self._status = status = parser.get_status_code()
        if status < 100 or status == 204:
            self._check_status(status)
        if not self._expects_body and not _is_interim(status):
            self._complete()

    def on_body(self, chunk: bytes) -> None:
        if not self._expects_body:
            self.is_spent = True
            return
        self._fed = 0  # everything outside the body is limited: heads, chunk lines, trailers
        self._size += len(chunk)
        if self._size > self._max_body:
            raise StepFailed("too_large", f"body over {self._max_body} bytes")
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        self._is_in_body = False
        if self._expects_body and not _is_interim(self._status):
            self._complete()

    def _remember(self, data: bytes) -> None:
        """Keep bytes that may be read again; raises StepFailed for a head without an end."""
        if self._fed > _LONGEST_HEAD:
            raise StepFailed("bad_http", f"a head of more than {_LONGEST_HEAD} bytes")
        if self._is_in_body and b"transfer-encoding" not in map(bytes.lower, self._names):
            self._seen.clear()
        elif self._filter is None:
            self._seen.append(data)

    def _read_again(self, data: bytes) -> Response | None:
        """Read the response again from its beginning, without chunk extensions."""
        data = b"".join((*self._seen, data))
        place = body_of(data)
        self._seen = [data[:place]]
        self._chunks.clear()
        self._is_in_body = False
        self._parser = _parser_for(self)
        self._fed = 0
        body = data[place:]
        self.feed(data[:place])
        self._filter = ExtensionFilter()
        return self.feed(body)

    def _judge(self, error: HttpParserError) -> None:
        """Raise the failure that a parser error means; after a switch of protocols, none."""
        if isinstance(error, HttpParserCallbackError):
            raise error.__context__ if isinstance(error.__context__, StepFailed) else error
        # A 101 that does not name its protocol ends HTTP, too.
        if self._response is None or self._response.status != 101:
            raise StepFailed("bad_http", str(error)) from error
        self.is_spent = True

    def _check_status(self, status: int) -> None:
        """Refuse impossible numbers, and a 204 with a body (RFC 9110, 15 and 8.6)."""
        if status < 100:
            raise StepFailed("bad_http", f"{status:03} is not a status")
        fields = dict(zip(map(bytes.lower, self._names), self._values, strict=True))
        has_length = fields.get(b"content-length", b"").strip(b" \t0")
        if has_length or b"transfer-encoding" in fields:
            raise StepFailed("bad_http", f"a {status} with a body")

    def _check_fields(self) -> None:
        longest = max(map(len, (*self._names, *self._values, self._reason)))
        if len(self._names) > _MOST_FIELDS or longest > _LONGEST_FIELD:
            raise StepFailed("bad_http", "too many headers, or too long ones")
        # With lenient headers the parser accepts it.
        if any(b"\0" in value for value in self._values):
            raise StepFailed("bad_http", "NUL in a header")

    def _complete(self) -> None:
        if self._response is not None:
            return
        if not self._keeps_alive:
            self.is_spent = True
        self._response = self._whole()

    def _whole(self) -> Response:
        parser, chunks = self._parser, self._chunks
        assert parser is not None
        content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()  # otherwise each connection would keep its last body alive
        head = Head(
            self._status, parser.get_http_version(), self._reason, self._names, self._values
        )
        return self._response_of(head, content)

    def _response_of(self, head: Head, content: bytes) -> Response:
        """Return the response with its body unpacked; raises StepFailed."""
        if head.is_encoded and content:
            lines = head.headers.getall("Content-Encoding", ())
            content = decoded(content, lines, self._max_body)
        return Response(head, content)


def _is_interim(status: int) -> bool:
    """Whether another response follows (RFC 9110, 15.2); 101 ends HTTP instead."""
    return status < 200 and status != 101


def _tells_its_end(response: Response) -> bool:
    """Whether the end of the body is marked in the body or its head (RFC 9112, 6.3)."""
    codings = ",".join(response.headers.getall("Transfer-Encoding", ()))
    is_chunked = codings.rpartition(",")[2].strip().lower() == "chunked"
    return is_chunked or "Content-Length" in response.headers


def _parser_for(reader: ResponseReader) -> HttpResponseParser:
    parser = HttpResponseParser(reader)
    # These make it as lenient as browsers and aiohttp's client.
    parser.set_dangerous_leniencies(
        lenient_headers=True,
        lenient_optional_cr_before_lf=True,
        lenient_spaces_after_chunk_size=True,
    )
    return parser
