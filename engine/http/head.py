"""A head is all of a response but its body; a run remembers the plain heads that come again."""

from __future__ import annotations

from collections.abc import Sequence

from multidict import CIMultiDict, CIMultiDictProxy

_MOST = 1024
_LONGEST = 4096  # bytes
_PAUSE = 16 * _MOST  # responses
_WITHOUT_BODY = frozenset({204, 304})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Head:
    """The status and headers of a response, in the order and spelling of the server.

    `sets_cookies` and `is_encoded` say whether it may have Set-Cookie or Content-Encoding,
    `redirects` whether its status is one of those that name another place.
    """

    __slots__ = (
        "_headers",
        "_names",
        "_small",
        "_values",
        "is_encoded",
        "reason",
        "redirects",
        "sets_cookies",
        "status",
        "version",
    )

    def __init__(
        self,
        status: int,
        version: str,
        reason: bytes,
        names: Sequence[bytes],
        values: Sequence[bytes],
    ) -> None:
        self.status = status
        self.version = version
        self.reason = reason
        self._names = names
        self._values = values
        self.redirects = status in _REDIRECTS
        self._small = small = b"\n".join(names).lower()
        self.sets_cookies = b"set-cookie" in small
        self.is_encoded = b"content-encoding" in small
        self._headers: CIMultiDictProxy[str] | None = None

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers by name in any letter case; bytes that are not UTF-8 are surrogates."""
        if self._headers is None:
            self._headers = CIMultiDictProxy(
                CIMultiDict(zip(map(text, self._names), map(_trimmed, self._values), strict=True))
            )
        return self._headers

    def joined(self) -> dict[bytes, bytes]:
        """Return the headers by name in small letters; several of one are a list with commas.

        It is several times faster than `headers` for who reads it once (RFC 9110, 5.3).
        """
        fields: dict[bytes, bytes] = {}
        for name, value in zip(map(bytes.lower, self._names), self._values, strict=True):
            fields[name] = b"%b,%b" % (fields[name], value) if name in fields else value
        return fields

    @property
    def content_type(self) -> bytes:
        """The first Content-Type, empty without one."""
        return self._first(b"content-type")

    @property
    def length(self) -> int | None:
        """The Content-Length, None if the body ends in another way."""
        told = self._first(b"content-length").strip()
        return int(told) if told.isdigit() and b"transfer-encoding" not in self._small else None

    def _first(self, name: bytes) -> bytes:
        try:
            return self._values[self._small.split(b"\n").index(name)]
        except ValueError:
            return b""


class Heads:
    """The plain heads of a run, each with the length of its body, by the bytes of the head.

    A head is plain if the parser has read a response that came in one piece: the head, a body of
    the length that it tells, nothing behind it. The same bytes mean the same again, so they need
    not be parsed; most servers send one head per step and second, because of `Date`.

    `hits` counts how often a head came again since `known` was empty. Heads that never come
    again would cost time and memory for nothing, so remembering them pauses.
    """

    __slots__ = ("_pause", "hits", "known")

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[Head, int]] = {}
        self.hits = self._pause = 0

    def learn(self, data: bytes, end: int, head: Head) -> None:
        """Remember the head of a response that came in one piece if it is plain.

        `end` is the place in `data` behind its blank line.
        """
        if self._pause:
            self._pause -= 1
            return
        length = len(data) - end
        if end > _LONGEST or head.length != length:
            return
        if length and head.status in _WITHOUT_BODY:  # it was something else: line breaks
            return
        if len(self.known) == _MOST:
            self.known.clear()
            self._pause = 0 if self.hits > _MOST else _PAUSE
            self.hits = 0
        self.known[data[:end]] = head, length


def text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _trimmed(value: bytes) -> str:
    return text(value.rstrip(b" \t"))  # the parser removes only the blanks before it
