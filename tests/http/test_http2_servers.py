"""Test HTTP/2 against servers of others: net/http of Go, and nginx. Both count requests too."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from perf.bench.servers import free_port
from tests.hrp.test_differential import hrp
from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.waiting import wait_until

pytestmark = pytest.mark.extra

CASE = """
config: {name: c, base_url: "$URL", verify: false}
teststeps:
  - name: login
    request: {method: POST, url: /login, http2: true, json: {a: 1}}
    validate: [{eq: [status_code, 200]}]
  - {name: slow, request: {method: GET, url: /slow, http2: true}, validate: [{eq: [body.sid, s1]}]}
"""


@dataclass
class GoServer:
    url: str
    process: subprocess.Popen[str]

    def restart(self) -> None:
        """Shut the server down gracefully, after another one began to serve the same port.

        Let it answer some requests before: Go takes a connection for idle before it has flushed
        the last answer (wroteFrame), and Shutdown closes idle ones, so that now and then an answer
        that it counts is never sent.
        """
        self._ask(signal.SIGHUP)

    def wait_for(self, more: int) -> None:
        """Wait until the server has answered this many more requests."""
        goal = self._ask(signal.SIGUSR1) + more
        wait_until(lambda: self._ask(signal.SIGUSR1) >= goal, "requests")

    def _ask(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def counted(self) -> int:
        """Shut the server down gracefully, and return how many requests it answered."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=30)
        return int(out)


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("go"))


def built(folder: Path) -> Path:
    """Build the server into the folder."""
    source = Path(__file__).with_name("go_server")
    subprocess.run(["go", "build", "-o", folder / "server", "."], cwd=source, check=True)
    return folder / "server"


def certificate(folder: Path) -> tuple[Path, Path]:
    cert = trustme.CA().issue_cert("127.0.0.1")
    cert.private_key_pem.write_to_path(str(folder / "server.key"))
    for blob in cert.cert_chain_pems:
        blob.write_to_path(str(folder / "server.pem"), append=True)
    return folder / "server.pem", folder / "server.key"


@pytest.fixture
def go_server(go_program: Path, tmp_path: Path) -> Iterator[GoServer]:
    with serving(go_program, tmp_path) as server:
        yield server


@contextmanager
def serving(program: Path, folder: Path) -> Iterator[GoServer]:
    """Start the server, with a new certificate in the folder."""
    command = [program, *certificate(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield GoServer(f"https://{process.stdout.readline().strip()}", process)
        process.kill()


def test_a_graceful_shutdown_costs_no_request(go_server: GoServer, tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(CASE.replace("$URL", go_server.url))
    report = tmp_path / "report.json"
    flags = ("-u", "20", "-d", "6s", "--no-out", "--plain", "--json", report)
    with started(["boom", tmp_path / "case.yml", *flags]) as running:
        for _ in range(4):
            go_server.wait_for(100)
            go_server.restart()
        ended = running.wait()
    told = read_report(report)
    check_accounting(told)
    counted = go_server.counted()
    accounting = told["accounting"]
    assert (accounting["failed"], told["errors"]) == (0, []), ended
    assert accounting["ok"] <= counted == told["wire"]["requests"], ended
    # All users moved to another server.
    assert told["wire"]["connections_opened"] >= 2 * 20


def test_the_last_answers_of_a_server_count(go_server: GoServer, tmp_path: Path) -> None:
    """The server ends for good: what it answered is ok, and the rest finds nobody."""
    (tmp_path / "case.yml").write_text(CASE.replace("$URL", go_server.url))
    report = tmp_path / "report.json"
    flags = ("-u", "20", "-d", "3s", "--no-out", "--plain", "--json", report)
    with started(["boom", tmp_path / "case.yml", *flags]) as running:
        go_server.wait_for(200)
        counted = go_server.counted()
        running.wait()
    told = read_report(report)
    check_accounting(told)
    assert told["accounting"]["ok"] == counted == told["wire"]["requests"]
    assert {error["kind"] for error in told["errors"]} == {"connect"}


def test_what_go_answers_is_read(go_server: GoServer, tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(b"x" * 3_000_000)
    (tmp_path / "case.yml").write_text(f"""
config: {{name: c, base_url: "{go_server.url}", verify: false}}
teststeps:
  - name: proto
    request: {{method: GET, url: /, http2: true}}
    extract: {{proto: proto}}
    validate: [{{eq: [body.proto, HTTP/2.0]}}, {{eq: [$proto, HTTP/2.0]}}]
  - name: trailer
    request: {{method: GET, url: /trailer, http2: true}}
    validate: [{{eq: [body.path, /trailer]}}]
  - name: redirect
    request: {{method: GET, url: /away, http2: true}}
    validate: [{{eq: [body.path, /arrived]}}]
  - name: download
    request: {{method: GET, url: "/large?size=20000000", http2: true}}
    validate: [{{eq: [status_code, 200]}}, {{length_equals: [body, 20000000]}}]
  - name: upload
    request: {{method: POST, url: /, http2: true, upload: {{f: big.bin}}}}
    validate: [{{gt: [body.size, 3000000]}}]
  - name: head
    request: {{method: HEAD, url: /, http2: true}}
    validate: [{{eq: [status_code, 200]}}]
""")
    ended = run_cli("run", "case.yml", "-v", cwd=tmp_path)
    assert ended.code == 0, ended
    assert go_server.counted() == 7


def test_a_handler_that_aborts_costs_only_its_stream(go_server: GoServer, tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(f"""
config: {{name: c, base_url: "{go_server.url}", verify: false}}
teststeps:
  - {{name: a, request: {{method: GET, url: /abort, http2: true}}}}
""")
    report = tmp_path / "report.json"
    run_cli("boom", "case.yml", "-i", "50", "--no-out", "--json", report, cwd=tmp_path)
    told = read_report(report)
    [error] = told["errors"]
    assert (error["kind"], error["detail"]) == ("disconnected", "internal_error")
    assert (error["count"], told["wire"]["connections_opened"]) == (50, 1)
    assert go_server.counted() == 50


NGINX = """
user root;
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  client_max_body_size 20m;
  keepalive_requests 50;
  server {{
    {listen}
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    location / {{ return 200 '$server_protocol'; }}
    location /file/ {{ alias {folder}/file/; gzip on; gzip_types *; }}
  }}
}}
"""


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[str]:
    """Run nginx with HTTP/2; it says goodbye after 50 requests of a connection."""
    certificate(tmp_path)
    tmp_path.chmod(0o755)
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "large").write_bytes(b"ab" * 2_000_000)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    version = subprocess.run([program, "-v"], capture_output=True, text=True).stderr
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", version)
    assert found is not None
    port = free_port()
    listen = f"listen 127.0.0.1:{port} ssl; http2 on;"
    if tuple(map(int, found.groups())) < (1, 25, 1):
        listen = f"listen 127.0.0.1:{port} ssl http2;"
    config = NGINX.format(folder=tmp_path, listen=listen)
    (tmp_path / "nginx.conf").write_text(config)
    command = [program, "-c", tmp_path / "nginx.conf", "-p", tmp_path]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until((tmp_path / "nginx.pid").exists, "nginx")
        yield f"https://127.0.0.1:{port}"
        process.terminate()


def test_nginx_and_we_count_the_same(nginx: str, tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(f"""
config: {{name: c, base_url: "{nginx}", verify: false}}
teststeps:
  - {{name: a, request: {{method: GET, url: /}}, validate: [{{eq: [body, HTTP/2.0]}}]}}
  - name: b
    request: {{method: GET, url: /file/large}}
    validate: [{{length_equals: [body, 4000000]}}]
""")
    report = tmp_path / "report.json"
    flags = ("-u", "10", "-i", "300", "--no-out", "--plain", "--json", report, "--http2")
    ended = run_cli("boom", "case.yml", *flags, cwd=tmp_path)
    told = read_report(report)
    check_accounting(told)
    assert (told["accounting"]["ok"], told["errors"]) == (600, []), ended
    assert told["wire"]["requests"] == 600
    assert (tmp_path / "access.log").read_text().count(' HTTP/2.0" 200 ') == 600
    # nginx ended connections after 50 requests each.
    assert told["wire"]["connections_opened"] >= 12


ALIKE = """
config: {name: c, base_url: "$URL", verify: false}
teststeps:
  - name: log in
    request: {method: POST, url: /login, http2: true, json: {a: 1}}
    extract: {proto: proto, kind: headers."Content-Type", token: body.token}
    validate:
      - {eq: [status_code, 200]}
      - {eq: [proto, HTTP/2.0]}
      - {eq: [cookies.sid, s1]}
      - {eq: [body.proto, HTTP/2.0]}
      - {eq: [body.length, 7]}
  - name: cookie and redirect
    request: {method: GET, url: /away, http2: true, params: {token: $token}}
    validate: [{eq: [body.path, /arrived]}, {eq: [body.sid, s1]}, {eq: [$proto, HTTP/2.0]}]
  - name: upload
    request: {method: POST, url: /up, http2: true, upload: {f: note.txt}}
    validate: [{eq: [body.method, POST]}, {gt: [body.size, 100]}, {eq: [$kind, application/json]}]
  - name: old
    request: {method: GET, url: /old}
    validate: [{eq: [proto, HTTP/1.1]}, {eq: [body.proto, HTTP/1.1]}, {eq: [body.sid, s1]}]
"""
# Each of these fails in both programs.
FAILING = {
    "plain http": "{method: GET, url: http://127.0.0.1:1/, http2: true}",
    "a handler that aborts": "{method: GET, url: $URL/abort, http2: true}",
}


def test_hrp_does_the_same(go_server: GoServer, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "note.txt").write_text("a note\n")
    (tmp_path / "proj.json").write_text("{}")
    (tmp_path / "case.yml").write_text(ALIKE.replace("$URL", go_server.url))
    assert hrp(tmp_path / "case.yml", tmp_path / "home")
    ended = run_cli("run", "case.yml", cwd=tmp_path)
    assert ended.code == 0, ended
    # Five of each: four steps and a redirect.
    assert go_server.counted() == 2 * 5


@pytest.mark.parametrize("name", FAILING)
def test_hrp_fails_where_we_fail(name: str, go_server: GoServer, tmp_path: Path) -> None:
    request = FAILING[name].replace("$URL", go_server.url)
    case = f"config: {{name: c, verify: false}}\nteststeps: [{{name: a, request: {request}}}]\n"
    (tmp_path / "home").mkdir()
    (tmp_path / "proj.json").write_text("{}")
    (tmp_path / "case.yml").write_text(case)
    assert not hrp(tmp_path / "case.yml", tmp_path / "home")
    assert run_cli("run", "case.yml", cwd=tmp_path).code in (1, 2)
