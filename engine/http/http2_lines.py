"""Make lines of HTTP/2 from connections whose other side agreed to it."""

from __future__ import annotations

from ..errors import StepFailed
from .channel import Channel, Wire
from .http2_channel import Http2Channel
from .http2_headers import KnownBlocks


class Http2Lines:
    """Makes the HTTP/2 lines of a run; they share what they know about blocks of headers."""

    def __init__(self, wire: Wire, max_body: int) -> None:
        self._wire = wire
        self._max_body = max_body
        self._blocks = KnownBlocks()

    async def over(self, channel: Channel) -> Http2Channel:
        """Return the line over a connection, which may have one already; raises StepFailed."""
        if isinstance(known := channel.receiver, Http2Channel):
            return _checked(known)
        line = Http2Channel(channel, self._wire, self._max_body, self._blocks)
        try:
            await line.start(channel.early())
        except BaseException:
            line.shut(abort=True)
            raise
        return line


def _checked(line: Http2Channel) -> Http2Channel:
    """Take over a line that another user has given back; raises StepFailed if it is closed."""
    if not line.is_open:
        line.shut(abort=True)
        raise StepFailed("disconnected", "closed before the request", "closed")
    line.retake()
    return line
