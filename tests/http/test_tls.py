"""Test when the system's authorities are loaded: for a handshake, and not for a start."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Http2, origin_of

from tests.support.load_runs import GET, Boom
from tests.support.timed_server import TimedServer
from tests.support.tls_servers import certificates, tls_servers

# What a program does that uses boomtalk and, for itself, aiohttp.
OTHERS = """
import asyncio, sys
import boomtalk.engine.http.network
import aiohttp

async def main():
    async with aiohttp.ClientSession() as session:
        for url in sys.argv[1:]:
            try:
                async with session.get(url) as response:
                    print(response.status)
            except aiohttp.ClientError as error:
                print(type(error).__name__)

asyncio.run(main())
"""


@pytest.fixture
def authorities(tmp_path: Path) -> Path:
    """Return a file whose reader waits until somebody writes it."""
    file = tmp_path / "authorities"
    os.mkfifo(file)
    return file


def with_these(authorities: Path) -> Mapping[str, str]:
    """Return the variables of a program that starts afresh, with these authorities."""
    return {"SSL_CERT_FILE": str(authorities), "PYTHONPATH": ""}


@pytest.mark.parametrize("flags", [(), ("--insecure",)])
def test_a_run_without_tls_loads_no_authorities(
    boom: Boom, timed: TimedServer, authorities: Path, flags: tuple[str, ...]
) -> None:
    results = boom(GET.format(url="/"), "-i", "2", *flags, env=with_these(authorities))
    assert results.report["accounting"]["ok"] == timed.stats()["requests"] == 2


def test_a_run_that_verifies_nothing_loads_none_either(
    boom: Boom, tmp_path: Path, authorities: Path
) -> None:
    with tls_servers(certificates(tmp_path)) as urls:
        case = GET.format(url=urls["good"])
        results = boom(case, "-i", "2", "--insecure", env=with_these(authorities))
    assert results.report["accounting"]["ok"] == 2


def test_loading_them_is_no_part_of_the_connect_time(
    boom: Boom, tmp_path: Path, authorities: Path
) -> None:
    with tls_servers(certificates(tmp_path)) as urls:
        case = GET.format(url=urls["good"])
        with boom.running(case, "-i", "1", env=with_these(authorities)) as running:
            with authorities.open("wb") as pipe:  # as soon as the run opens it, too
                time.sleep(2)  # this is the loading itself
                pipe.write((tmp_path / "ca.pem").read_bytes())
            results = boom.results(running.wait())
    (sample,) = results.samples
    assert sample["kind"] == "ok"
    assert sample["connect_ms"] < 2000


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("http2", ["no", "demanded"])
def test_files_may_be_gone_when_a_connection_needs_them(
    tmp_path: Path, verify: bool, http2: Http2
) -> None:
    cert, key, cacert = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(cacert)
    issued = authority.issue_cert("client.invalid")
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(cert)

    async def main() -> None:
        network = Network(HttpOptions(cacert=cacert, cert=cert, key=key))
        for file in (cert, key, cacert):
            file.unlink()
        network.prepare(origin_of("https", "127.0.0.1", 443, verify, http2))
        await network.close()

    asyncio.run(main())


def test_aiohttp_verifies_for_others_as_ever(tmp_path: Path) -> None:
    with tls_servers(certificates(tmp_path)) as urls:
        asked = [urls["good"], urls["unknown authority"], urls["other host"], urls["good"]]
        ended = subprocess.run(
            [sys.executable, "-P", "-c", OTHERS, *asked],
            env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "ca.pem")},
            capture_output=True,
            text=True,
            timeout=30,
        )
    refused = "ClientConnectorCertificateError"
    assert ended.stdout.split() == ["200", refused, refused, "200"], ended.stderr
