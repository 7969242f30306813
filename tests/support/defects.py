"""Define the defects of the bad server by path. Query values change their numbers."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterator

from .raw_http import Connection, Defect, Finished, Request, answer, json_answer

_BLOCK = bytes(65536)


def _says(data: bytes, *, close: bool = False, reset: bool = False) -> Defect:
    """Return a defect that reads the whole request, sends these bytes, and may close."""

    async def defect(connection: Connection, request: Request) -> None:
        await connection.body(request)
        await connection.send(data)
        if reset:
            connection.reset()
        if close or reset:
            raise Finished

    return defect


async def _fine(connection: Connection, request: Request) -> None:
    await connection.body(request)
    await connection.send(answer())


async def _echo(connection: Connection, request: Request) -> None:
    body = await connection.body(request)
    seen = {"method": request.method, "path": request.path, "headers": request.headers}
    await connection.send(json_answer(seen | {"body": body.decode("latin-1")}))


async def _never(connection: Connection, request: Request) -> None:
    # Wait for the other side to close; nothing more is expected from it.
    await connection.reader.read()
    raise Finished


async def _half_head(connection: Connection, request: Request) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    await _never(connection, request)


async def _drip(connection: Connection, request: Request) -> None:
    """Send one byte every `every` seconds (0.2), `bytes` in total (1000)."""
    number = int(request.query.get("bytes", 1000))
    await connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {number}\r\n\r\n".encode())
    for _ in range(number):
        await connection.send(b".")
        await asyncio.sleep(float(request.query.get("every", 0.2)))


async def _huge(connection: Connection, request: Request) -> None:
    """Send a body of `bytes` (1 GiB), which is never in memory as a whole."""
    left = int(request.query.get("bytes", 1 << 30))
    await connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n".encode())
    while left:
        block = _BLOCK[:left]
        await connection.send(block)
        left -= len(block)


async def _bomb(connection: Connection, request: Request) -> None:
    """Send a small gzip body that decompresses to `bytes` (128 MiB)."""
    body = b"".join(_packed_zeros(int(request.query.get("bytes", 128 << 20))))
    await connection.send(answer(body, "200 OK", "Content-Encoding: gzip"))


def _packed_zeros(left: int) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    while left > 0:
        yield packer.compress(_BLOCK[:left])
        left -= len(_BLOCK)
    yield packer.flush()


async def _redirect_to(connection: Connection, request: Request) -> None:
    """Redirect to the query value `url`, with `status` (302)."""
    status = request.query.get("status", "302")
    await connection.body(request)
    await connection.send(answer(b"", f"{status} Away", f"Location: {request.query['url']}"))


async def _close_after_second(connection: Connection, request: Request) -> None:
    """Answer, and close without notice after every second answer of a connection."""
    await _fine(connection, request)
    if connection.answered % 2:
        raise Finished


async def _die_at_second(connection: Connection, request: Request) -> None:
    """Answer the first request of a connection, and close at the second without an answer."""
    if connection.answered:
        raise Finished
    await _fine(connection, request)


async def _refuse_upload(connection: Connection, request: Request) -> None:
    """Answer 413 before the body is read, then close."""
    await connection.send(answer(b"", "413 Payload Too Large", "Connection: close"))
    connection.writer.write_eof()
    await connection.reader.read()
    raise Finished


async def _close_in_upload(connection: Connection, request: Request) -> None:
    """Close as soon as the first bytes of the body come."""
    await connection.reader.read(1)
    connection.reset()
    raise Finished


def _cookies(number: int) -> bytes:
    return answer(b"ok", "200 OK", *(f"Set-Cookie: c{n}=v{n}; Path=/" for n in range(number)))


def _redirect(location: str) -> bytes:
    return answer(b"", "302 Found", f"Location: {location}")


def _json_body(body: bytes, charset: str = "utf-8") -> bytes:
    return answer(body, "200 OK", f"Content-Type: application/json; charset={charset}")


_OK = b"HTTP/1.1 200 OK\r\n"
_TWO = b"Content-Length: 2\r\n"

DEFECTS: dict[str, Defect] = {
    # No defect
    "/ok": _fine,
    "/echo": _echo,
    # The response does not come, or not completely
    "/close-before": _says(b"", close=True),
    "/reset-before": _says(b"", reset=True),
    "/truncated-body": _says(_OK + b"Content-Length: 100\r\n\r\n0123456789", close=True),
    "/reset-in-body": _says(_OK + b"Content-Length: 100\r\n\r\n0123456789", reset=True),
    "/truncated-chunked": _says(
        _OK + b"Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n", close=True
    ),
    "/never": _never,
    "/half-head": _half_head,
    "/drip": _drip,
    # Not HTTP
    "/garbage-status": _says(b"NOT HTTP AT ALL\r\n\r\n", close=True),
    "/http09": _says(b"hello\n", close=True),
    "/status-999999": _says(b"HTTP/1.1 999999 Odd\r\n" + _TWO + b"\r\nok"),
    "/bad-chunk-size": _says(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n"),
    "/length-and-chunked": _says(
        _OK + _TWO + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    ),
    "/two-lengths": _says(_OK + _TWO + b"Content-Length: 3\r\n\r\nok"),
    "/negative-length": _says(_OK + b"Content-Length: -3\r\n\r\nok"),
    "/header-without-colon": _says(_OK + b"no colon here\r\n" + _TWO + b"\r\nok"),
    "/nul-in-header": _says(_OK + b"X-Odd: a\x00b\r\n" + _TWO + b"\r\nok"),
    "/long-header": _says(_OK + b"X-Long: " + b"x" * 20_000 + b"\r\n" + _TWO + b"\r\nok"),
    "/many-headers": _says(answer(b"ok", "200 OK", *(f"X-{n}: {n}" for n in range(500)))),
    "/bytes-after-body": _says(answer() + b"surplus"),
    # Redirects
    "/redirect-loop": _says(_redirect("/redirect-loop")),
    "/redirect-to-file": _says(_redirect("file:///etc/hostname")),
    "/redirect-broken": _says(_redirect("http://[broken")),
    "/redirect-nowhere": _says(answer(b"", "302 Found")),
    "/redirect-to": _redirect_to,
    # Bodies
    "/huge": _huge,
    "/gzip-bomb": _bomb,
    "/broken-gzip": _says(answer(b"not gzip at all", "200 OK", "Content-Encoding: gzip")),
    "/cut-gzip": _says(answer(gzip.compress(b"x" * 500)[:-12], "200 OK", "Content-Encoding: gzip")),
    "/unknown-encoding": _says(answer(b"ok", "200 OK", "Content-Encoding: rot13")),
    "/invalid-json": _says(_json_body(b'{"a": ')),
    "/wrong-charset": _says(_json_body('{"a": "é"}'.encode("latin-1"))),
    "/unknown-charset": _says(_json_body(b'{"a": 1}', "klingon")),
    "/huge-numbers": _says(_json_body(b'{"big": 123456789012345678901234567890, "e": 1e400}')),
    # Unusual, but valid
    "/until-close": _says(_OK + b"\r\nok", close=True),
    "/http10": _says(b"HTTP/1.0 200 OK\r\n\r\nok", close=True),
    "/continue-first": _says(b"HTTP/1.1 100 Continue\r\n\r\n" + answer()),
    "/early-hints": _says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer()),
    "/no-content": _says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/not-modified": _says(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n"),
    "/head": _says(_OK + b"Content-Length: 50\r\n\r\n"),
    # Cookies
    "/many-cookies": _says(_cookies(10_000)),
    "/some-cookies": _says(_cookies(50)),
    "/big-cookie": _says(answer(b"ok", "200 OK", "Set-Cookie: big=" + "x" * (1 << 20))),
    # Connections that end
    "/close-after-second": _close_after_second,
    "/die-at-second": _die_at_second,
    "/connection-close": _says(answer(b"ok", "200 OK", "Connection: close"), close=True),
    "/refuse-upload": _refuse_upload,
    "/close-in-upload": _close_in_upload,
}
