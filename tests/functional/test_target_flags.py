"""Test the effect of each target flag on the requests, for `run` and for `boom`."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.http.scripted_server import OK, Answer, Asked, ScriptedServer, scripted
from tests.support.boomtalk_cli import Ended, run_cli

from .servers import json_answer, play

GET = "config: {name: c, base_url: $URL}\nteststeps: [{name: s, request: {method: GET, url: /}}]"
TWICE = GET.replace("name: s,", "name: s, loops: 2,")


@pytest.fixture(params=["run", "boom"])
def command(request: pytest.FixtureRequest) -> list[str]:
    """Return the command with flags that make it run a case once and fail if a request fails."""
    if request.param == "run":
        return ["run", "case.yml"]
    return ["boom", "case.yml", "-i", "1", "--fail-on-error", "--no-out", "--plain"]


@dataclass
class Authority:
    """Certificates made for one test."""

    folder: Path

    def __post_init__(self) -> None:
        self.ca = trustme.CA()
        self.server = self.ca.issue_cert("127.0.0.1", "localhost")
        self.file = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def server_context(self, asks_for_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.configure_cert(context)
        if asks_for_certificate:
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client_files(self) -> tuple[Path, Path]:
        client = self.ca.issue_cert("client@example.org")
        cert, key = self.folder / "client.pem", self.folder / "client.key"
        client.cert_chain_pems[0].write_to_path(str(cert))
        client.private_key_pem.write_to_path(str(key))
        return cert, key


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_an_unknown_certificate_is_refused_and_the_way_out_is_told(
    tmp_path: Path, command: list[str], authority: Authority
) -> None:
    ended, server = play(
        tmp_path, *command, script={b"/": OK}, case=GET, ssl=authority.server_context()
    )
    assert (ended.code, server.asked) == (1, []), ended
    assert "tls certificate" in ended.out
    assert "-k" in ended.out


@pytest.mark.parametrize("way", ["-k", "--cacert", "verify: false"])
def test_a_certificate_is_accepted_by_flag_or_by_the_case(
    tmp_path: Path, command: list[str], authority: Authority, way: str
) -> None:
    words = {"-k": ["-k"], "--cacert": ["--cacert", str(authority.file)]}.get(way, [])
    case = GET.replace("url: /", "url: /, verify: false") if way.startswith("verify") else GET
    ended, server = play(
        tmp_path, *command, *words, script={b"/": OK}, case=case, ssl=authority.server_context()
    )
    assert (ended.code, len(server.asked)) == (0, 1), ended


def test_a_client_certificate_is_shown_to_a_server_that_asks(
    tmp_path: Path, command: list[str], authority: Authority
) -> None:
    cert, key = authority.client_files()
    context = authority.server_context(asks_for_certificate=True)
    trust = ["--cacert", str(authority.file)]
    ended, server = play(tmp_path, *command, *trust, script={b"/": OK}, case=GET, ssl=context)
    assert (ended.code, server.asked) == (1, []), ended
    ours = ["--cert", str(cert), "--key", str(key)]
    ended, server = play(
        tmp_path, *command, *trust, *ours, script={b"/": OK}, case=GET, ssl=context
    )
    assert (ended.code, len(server.asked)) == (0, 1), ended


def test_a_certificate_file_that_cannot_be_read_is_exit_2(
    tmp_path: Path, command: list[str]
) -> None:
    ended, server = play(tmp_path, *command, "--cacert", "no.pem", script={b"/": OK}, case=GET)
    assert (ended.code, server.connections) == (2, 0), ended


def test_plain_http_asks_a_proxy_for_the_whole_url(tmp_path: Path, command: list[str]) -> None:
    case = GET.replace("$URL", "http://target.invalid").replace("url: /", "url: '/a?b=1'")
    script = {b"http://target.invalid/a?b=1": OK}
    proxy = ["-x", "$URL"]
    ended, server = play(tmp_path, *command, *proxy, script=script, case=case)
    assert ended.code == 0, ended
    assert server.asked[0].line == b"GET http://target.invalid/a?b=1 HTTP/1.1"
    assert server.asked[0].header(b"host") == b"target.invalid"


def test_a_proxy_gets_the_credentials_of_its_url(tmp_path: Path, command: list[str]) -> None:
    async def main() -> tuple[Ended, ScriptedServer]:
        async with scripted({b"http://target.invalid/": OK}) as server:
            (tmp_path / "case.yml").write_text(GET.replace("$URL", "http://target.invalid"))
            proxy = server.url.replace("http://", "http://me:se%2Fcret@")
            words = [*command, "--proxy", proxy]
            return await asyncio.to_thread(run_cli, *words, cwd=tmp_path), server

    ended, server = asyncio.run(main())
    assert ended.code == 0, ended
    expected = b"Basic " + base64.b64encode(b"me:se/cret")
    assert server.asked[0].header(b"proxy-authorization") == expected


def test_https_goes_through_a_tunnel_of_the_proxy(
    tmp_path: Path, command: list[str], authority: Authority
) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def main() -> tuple[Ended, ScriptedServer, list[bytes]]:
        asked: list[bytes] = []
        tasks: set[asyncio.Task[None]] = set()

        async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            asked.append(head.partition(b"\r\n")[0])
            host, _, port = head.split()[1].partition(b":")
            far_reader, far_writer = await asyncio.open_connection(host.decode(), int(port))
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            for one in (pump(reader, far_writer), pump(far_reader, writer)):
                tasks.add(asyncio.create_task(one))

        proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        async with scripted({b"/": OK}, ssl=authority.server_context()) as server:
            (tmp_path / "case.yml").write_text(GET.replace("$URL", server.url))
            words = ["-x", f"127.0.0.1:{port}", "--cacert", str(authority.file)]
            ended = await asyncio.to_thread(run_cli, *command, *words, cwd=tmp_path)
        proxy.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return ended, server, asked

    ended, server, asked = asyncio.run(main())
    assert ended.code == 0, ended
    assert asked == [f"CONNECT {server.url.removeprefix('https://')} HTTP/1.1".encode()]
    assert [one.line for one in server.asked] == [b"GET / HTTP/1.1"]


def test_only_http_proxies_are_taken(tmp_path: Path, command: list[str]) -> None:
    ended, _ = play(tmp_path, *command, "-x", "socks5://127.0.0.1:1", script={}, case=GET)
    assert ended.code == 2, ended


def test_a_unix_socket_stands_in_for_every_host(tmp_path: Path, command: list[str]) -> None:
    async def main() -> tuple[Ended, ScriptedServer]:
        server = ScriptedServer({b"/": OK})
        path = tmp_path / "server.sock"
        listener = await asyncio.start_unix_server(server.serve, path)
        (tmp_path / "case.yml").write_text(GET.replace("$URL", "http://target.invalid"))
        words = ["--unix-socket", str(path)]
        ended = await asyncio.to_thread(run_cli, *command, *words, cwd=tmp_path)
        listener.close()
        await server.stop()
        return ended, server

    ended, server = asyncio.run(main())
    assert ended.code == 0, ended
    assert server.asked[0].header(b"host") == b"target.invalid"


def test_the_timeout_ends_a_request_that_is_not_answered(
    tmp_path: Path, command: list[str]
) -> None:
    async def never(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    script: Mapping[bytes, Answer] = {b"/": never}
    ended, _ = play(tmp_path, *command, "--timeout", "200ms", script=script, case=GET)
    assert ended.code == 1, ended
    assert "timeout total" in ended.out


@pytest.mark.parametrize(("words", "connections"), [([], 1), (["--no-keepalive"], 2)])
def test_connections_are_kept_unless_forbidden(
    tmp_path: Path, command: list[str], words: list[str], connections: int
) -> None:
    ended, server = play(tmp_path, *command, *words, script={b"/": OK}, case=TWICE)
    assert (ended.code, server.connections) == (0, connections), ended
    assert (server.asked[0].header(b"connection") == b"close") is bool(words)


@pytest.mark.parametrize(
    ("words", "accepted"), [([], b"gzip, deflate"), (["--no-compression"], None)]
)
def test_compression_is_asked_for_unless_forbidden(
    tmp_path: Path, command: list[str], words: list[str], accepted: bytes | None
) -> None:
    ended, server = play(tmp_path, *command, *words, script={b"/": OK}, case=GET)
    assert (ended.code, server.asked[0].header(b"accept-encoding")) == (0, accepted), ended


@pytest.mark.parametrize(("words", "cookie"), [([], None), (["--keep-cookies"], b"sid=one")])
def test_cookies_are_forgotten_between_iterations_unless_kept(
    tmp_path: Path, command: list[str], words: list[str], cookie: bytes | None
) -> None:
    case = GET.replace("name: c,", "name: c, parameters: {n: [1, 2]},")
    twice = ["-i" if word == "-i" else "2" if word == "1" else word for word in command]
    script = {b"/": json_answer(b"", b"Set-Cookie: sid=one")}
    ended, server = play(tmp_path, *twice, *words, script=script, case=case)
    assert ended.code == 0, ended
    assert [one.header(b"cookie") for one in server.asked] == [None, cookie]


def test_all_users_together_open_no_more_connections_than_allowed(tmp_path: Path) -> None:
    words = ["boom", "case.yml", "-u", "8", "-i", "80", "--no-out", "--max-connections", "2"]
    ended, server = play(tmp_path, *words, script={b"/": OK}, case=GET)
    assert (ended.code, len(server.asked)) == (0, 80), ended
    assert server.connections <= 2


def test_env_flags_beat_the_env_file_which_is_read_instead_of_dot_env(
    tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / ".env").write_text("A=dot\nB=dot\nC=dot")
    (tmp_path / "other.env").write_text("A=file\nB=file")
    case = GET.replace("url: /", 'url: /, headers: {H: "$A-${ENV(B)}-${ENV(C)}"}')
    ended, server = play(
        tmp_path,
        *(*command, "--env-file", "other.env", "-e", "B=flag"),
        script={b"/": OK},
        case=case,
        env={"C": "shell"},
    )
    assert ended.code == 0, ended
    assert server.asked[0].header(b"h") == b"file-flag-shell"


def test_the_base_url_flag_beats_the_case_but_not_an_absolute_url(
    tmp_path: Path, command: list[str]
) -> None:
    case = """
    config: {name: c, base_url: "http://127.0.0.1:1"}
    teststeps:
      - {name: relative, request: {method: GET, url: /a}}
      - {name: absolute, request: {method: GET, url: "$URL/b"}}
    """
    ended, server = play(
        tmp_path, *command, "--base-url", "$URL", script={b"/a": OK, b"/b": OK}, case=case
    )
    assert (ended.code, len(server.asked)) == (0, 2), ended


def test_the_log_file_takes_the_level_and_stderr_only_what_matters(
    tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "debugtalk.py").write_text("print('hello from the plugin')")
    words = ["--log-level", "info", "--log-file", "run.log"]
    ended, _ = play(tmp_path, *command, *words, script={b"/": OK}, case=GET + "\nodd: 1")
    assert ended.code == 0, ended
    log = (tmp_path / "run.log").read_text()
    assert "info: " in log
    assert "hello from the plugin" in log
    assert "hello from the plugin" not in ended.err
    assert "unknown key 'odd'" in log
    assert "unknown key 'odd'" in ended.err


def test_a_base_url_of_the_command_line_beats_all_in_the_files(tmp_path: Path) -> None:
    case = """
        config: {variables: {base_url: http://127.0.0.1:1}, base_url: $base_url/v1}
        teststeps:
          - {name: own, request: {method: GET, url: /a}}
          - {name: api, api: {base_url: "http://127.0.0.1:2", request: {method: GET, url: /b}}}
    """
    ended, server = play(
        tmp_path,
        *("run", "case.yml", "--base-url", "$URL"),
        script={b"/a": OK, b"/b": OK},
        case=case,
    )
    assert (ended.code, [one.line.split()[1] for one in server.asked]) == (0, [b"/a", b"/b"])
