"""Run servers whose TLS is good, or wrong in one way each."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.support.in_thread import in_thread
from tests.support.raw_http import answer

Contexts = Mapping[str, ssl.SSLContext]


def certificates(folder: Path) -> Contexts:
    """Return a TLS context for each way; `ca.pem` in the folder is the trusted authority."""
    ca, stranger = trustme.CA(), trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ended = datetime.now(UTC) - timedelta(days=1)
    issued = {
        "good": ca.issue_cert("127.0.0.1"),
        "expired": ca.issue_cert("127.0.0.1", not_after=ended),
        "other host": ca.issue_cert("elsewhere.invalid"),
        "unknown authority": stranger.issue_cert("127.0.0.1"),
    }
    return {name: _context(cert) for name, cert in issued.items()}


def _context(cert: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return context


@contextmanager
def tls_servers(contexts: Contexts) -> Iterator[dict[str, str]]:
    """Serve each way on its own port; `plain` does not speak TLS, `stalled` sends nothing."""

    async def serve(stack: AsyncExitStack) -> dict[str, str]:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        ways = [(name, _answer, context) for name, context in contexts.items()]
        urls = {}
        for name, way, context in (*ways, _PLAIN, _STALLED):
            server = await asyncio.start_server(way, "127.0.0.1", 0, ssl=context)
            stack.callback(server.close)
            urls[name] = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return urls

    with in_thread(serve) as urls:
        yield urls


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer())
            await writer.drain()
    writer.close()


async def _answer_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(answer(status="400 Bad Request"))
    writer.close()


async def _stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


_PLAIN = ("plain", _answer_bytes, None)
_STALLED = ("stalled", _stall, None)
