"""Test that every network fault becomes one kind of failure, and is counted and sent once."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.accounting import check_accounting
from tests.support.bad_server import BadServerProcess
from tests.support.boomtalk_cli import read_report, started
from tests.support.load_runs import GET, Boom, Results
from tests.support.timed_server import TimedServer, timed_server
from tests.support.tls_servers import certificates, tls_servers

TIMEOUT = 1.5
KINDS = {
    "/close-before": ("disconnected", "closed"),
    "/reset-before": ("disconnected", "reset"),
    "/die-at-second": ("ok", ""),
    "/truncated-body": ("truncated", ""),
    "/reset-in-body": ("truncated", ""),
    "/truncated-chunked": ("truncated", ""),
    "/never": ("timeout", "total"),
    "/half-head": ("timeout", "total"),
    "/drip": ("timeout", "total"),
    "/head": ("timeout", "total"),
    "/garbage-status": ("bad_http", ""),
    "/http09": ("bad_http", ""),
    "/status-999999": ("bad_http", ""),
    "/bad-chunk-size": ("bad_http", ""),
    "/length-and-chunked": ("bad_http", ""),
    "/two-lengths": ("bad_http", ""),
    "/negative-length": ("bad_http", ""),
    "/header-without-colon": ("bad_http", ""),
    "/nul-in-header": ("bad_http", ""),
    "/long-header": ("bad_http", ""),
    "/many-headers": ("bad_http", ""),
    "/bytes-after-body": ("bad_http", ""),
    "/many-cookies": ("bad_http", ""),
    "/big-cookie": ("bad_http", ""),
    "/redirect-loop": ("redirect", "loop"),
    "/redirect-to-file": ("redirect", "bad"),
    "/redirect-broken": ("redirect", "bad"),
    "/redirect-nowhere": ("ok", ""),
    "/broken-gzip": ("decode", ""),
    "/cut-gzip": ("ok", ""),
    "/wrong-charset": ("ok", ""),
    "/unknown-charset": ("ok", ""),
    "/huge-numbers": ("ok", ""),
    "/unknown-encoding": ("ok", ""),
    "/invalid-json": ("ok", ""),
    "/until-close": ("ok", ""),
    "/http10": ("ok", ""),
    "/continue-first": ("ok", ""),
    "/early-hints": ("ok", ""),
    "/no-content": ("ok", ""),
    "/not-modified": ("ok", ""),
    "/some-cookies": ("ok", ""),
    "/connection-close": ("ok", ""),
}


def each(urls: Sequence[str], timeout: float = TIMEOUT) -> str:
    """Return a case whose iterations request one URL each, in this order."""
    rows = "".join(f"\n      - {url!r}" for url in urls)
    return (
        f"config:\n  name: faults\n  parameters:\n    url:{rows}\n"
        "teststeps:\n"
        f"  - {{name: ask, request: {{method: GET, url: $url, timeout: {timeout}}}}}\n"
    )


@pytest.fixture
def faulty(bad_server: BadServerProcess, tmp_path: Path) -> Boom:
    """Return the program, with the server of defects as its target."""
    return Boom(tmp_path, bad_server.url)


def test_every_defect_of_a_server_is_named_timed_and_sent_once(
    faulty: Boom, bad_server: BadServerProcess
) -> None:
    results = faulty(each(list(KINDS)), "-i", str(len(KINDS)), "-u", "4")
    seen = bad_server.log()
    check_accounting(results.report, server_requests=len(seen))
    paths = {head["id"]: head["path"] for head in reversed(seen)}
    kinds = {paths[one["id"]]: (one["kind"], one["detail"]) for one in results.samples}
    assert kinds == KINDS
    told = Counter(kind for kind in KINDS.values() if kind[0] != "ok")
    assert results.errors() == dict(told)
    often = {paths[id_]: n for id_, n in Counter(one["id"] for one in seen).items() if n > 1}
    assert often == {"/redirect-loop": 11}
    for sample in results.of_kind("timeout"):
        # The limit is that of the whole attempt. The clocks of the sample begin a little after it,
        # and on a busy machine others may run in between.
        took = sample["latency_ms"] + (sample["connect_ms"] or 0)
        assert 1000 * TIMEOUT - 100 < took < 1000 * TIMEOUT + 5000
    assert all(sample["latency_ms"] > 0 for sample in results.samples)
    assert all(one["status"] is None for one in results.samples if one["kind"] == "bad_http")


def test_a_body_over_the_cap_is_cut_off_whether_it_came_large_or_packed(faulty: Boom) -> None:
    results = faulty(each(["/huge", "/gzip-bomb"], timeout=20), "-i", "2")
    assert results.errors() == {("too_large", ""): 2}
    assert results.report["wire"]["bytes_in"] < 100_000_000
    assert results.report["health"]["rss_peak_mb"] < 400


def test_a_request_on_a_connection_that_dies_is_one_failure_and_no_resend(
    faulty: Boom, bad_server: BadServerProcess
) -> None:
    results = faulty(GET.format(url="/die-at-second"), "-i", "10")
    assert results.report["accounting"]["ok"] == 5
    assert results.errors() == {("disconnected", "closed"): 5}
    assert len(bad_server.log()) == results.report["wire"]["requests"] == 10


def test_a_connection_closed_between_requests_is_a_failure_or_replaced_but_nothing_is_resent(
    faulty: Boom, bad_server: BadServerProcess
) -> None:
    results = faulty(GET.format(url="/close-after-second"), "-i", "200", "-u", "4")
    written = results.report["wire"]["requests"]
    check_accounting(results.report)
    assert written == 200
    assert set(results.errors()) <= {("disconnected", "closed"), ("disconnected", "reset")}
    # The server did not see only what was written to connections that it had closed.
    assert results.report["accounting"]["ok"] == len(bad_server.log()) <= written


def test_an_upload_that_the_server_breaks_off_is_told_and_one_it_refuses_is_an_answer(
    faulty: Boom, bad_server: BadServerProcess, tmp_path: Path
) -> None:
    (tmp_path / "big.bin").write_bytes(os.urandom(8 << 20))
    step = "{{name: send, request: {{method: POST, url: {url}, upload: {{file: big.bin}}}}}}"
    case = "config: {{name: up}}\nteststeps: [" + step + "]\n"
    refused = faulty(case.format(url="/refuse-upload"), "-i", "3")
    assert [sample["status"] for sample in refused.samples] == [413] * 3
    broken = faulty(case.format(url="/close-in-upload"), "-i", "3")
    assert set(broken.errors()) <= {("disconnected", "closed"), ("disconnected", "reset")}
    assert broken.report["accounting"]["failed"] == 3
    assert len(bad_server.log()) == 6


def test_what_cannot_be_sent_is_not_issued(faulty: Boom, bad_server: BadServerProcess) -> None:
    urls = ["http://127.0.0.1:99999/", "ftp://127.0.0.1/", "http://[broken/"]
    bad_urls = faulty(each(urls), "-i", "3")
    headers = GET.replace("}}]", "}}]").format(url='/ok, headers: {X: "a\\r\\nY: b"}')
    bad_header = faulty(headers, "-i", "2")
    for results, number in ((bad_urls, 3), (bad_header, 2)):
        assert results.report["accounting"]["not_issued"] == number
        assert results.report["accounting"]["issued"] == 0
        assert {error["kind"] for error in results.report["errors"]} == {"template"}
    assert bad_server.log() == []


@contextmanager
def deaf_port() -> Iterator[int]:
    """Listen with a full queue of connections and never accept, so that no client can connect."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_connection_that_does_not_come_up_is_told_with_the_time_it_took(faulty: Boom) -> None:
    with deaf_port() as port, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = unused.getsockname()[1]
        urls = [f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{dead}/", "http://no.invalid/"]
        results = faulty(each(urls, timeout=2), "-i", "3")
    deaf, refused, unknown = results.samples
    assert (deaf["kind"], deaf["detail"]) == ("timeout", "connect")
    assert 1990 < deaf["connect_ms"] < 12_000
    assert (refused["kind"], refused["detail"]) == ("connect", "refused")
    assert unknown["kind"] in ("dns", "timeout")  # a machine may have no resolver that answers
    assert [sample["latency_ms"] for sample in results.samples] == [None] * 3
    assert results.report["wire"]["requests"] == 0
    assert results.report["accounting"]["failed"] == 3


def test_a_name_with_an_address_that_refuses_and_one_that_answers_is_fine(
    faulty: Boom, bad_server: BadServerProcess
) -> None:
    port = bad_server.url.rpartition(":")[2]
    results = faulty(GET.format(url=f"http://localhost:{port}/ok"), "-i", "3")
    assert results.report["accounting"]["ok"] == len(bad_server.log()) == 3


def test_a_proxy_of_the_environment_is_not_asked(faulty: Boom) -> None:
    dead = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    results = faulty(GET.format(url="/ok"), "-i", "2", env=dead)
    assert results.report["accounting"]["ok"] == 2


def test_tls_that_cannot_be_trusted_is_told_with_its_reason(faulty: Boom, tmp_path: Path) -> None:
    with tls_servers(certificates(tmp_path)) as urls:
        case = each(list(urls.values()), timeout=2)
        results = faulty(case, "-i", str(len(urls)), "--cacert", str(tmp_path / "ca.pem"))
        known = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        of_the_system = faulty(case, "-i", str(len(urls)), env=known)
        anyhow = faulty(case, "-i", str(len(urls)), "--insecure")
    assert dict(zip(urls, map(ending, results.samples), strict=True)) == {
        "good": ("ok", ""),
        "expired": ("tls", "certificate"),
        "other host": ("tls", "certificate"),
        "unknown authority": ("tls", "certificate"),
        "plain": ("tls", "handshake"),
        "stalled": ("timeout", "connect"),
    }
    assert list(map(ending, of_the_system.samples)) == list(map(ending, results.samples))
    messages = " ".join(text for error in results.report["errors"] for text in error["examples"])
    for reason in ("expired", "mismatch", "unable to get local issuer"):
        assert reason in messages.lower()
    assert [sample["kind"] for sample in anyhow.samples] == ["ok"] * 4 + ["tls", "timeout"]


def ending(sample: dict[str, str]) -> tuple[str, str]:
    return sample["kind"], sample["detail"]


def test_files_used_up_are_the_generators_fault(timed: TimedServer, tmp_path: Path) -> None:
    local = timed.url.replace("127.0.0.1", "localhost")
    with timed_server() as other:
        check_few_files([f"{url}/ms/900" for url in (timed.url, local, other.url)], tmp_path)
        assert len(timed.log()) > 36
        assert len(other.log()) < 36


def check_few_files(urls: Sequence[str], tmp_path: Path) -> None:
    case, report_path = tmp_path / "case.yml", tmp_path / "report.json"
    case.write_text(steps_of(urls))
    arguments = ["boom", str(case), "-u", "36", "--loops", "1", "--json", str(report_path)]
    program = shlex.join([sys.executable, "-m", "boomtalk.cli", *arguments, "--no-out", "--plain"])
    with started(["-c", f"ulimit -n 100; exec {program}"], command=("sh",)) as running:
        ended = running.wait()
    assert ended.code == 0, ended
    assert "files may be open" in ended.err
    report = read_report(report_path)
    check_accounting(report)
    limits = [error for error in report["errors"] if error["kind"] == "fd_limit"]
    assert {error["detail"] for error in limits} == {"process"}
    assert report["health"]["limited_by"] == "connections"


def steps_of(urls: Sequence[str]) -> str:
    steps = "".join(
        f"  - {{name: {n}, request: {{method: GET, url: '{url}'}}}}\n" for n, url in enumerate(urls)
    )
    return "config: {name: hosts}\nteststeps:\n" + steps


def test_a_body_that_is_no_json_has_no_fields(faulty: Boom) -> None:
    case = GET.format(url="/invalid-json").replace("}}]", "}, validate: [{eq: [body.a, 1]}]}]")
    results: Results = faulty(case, "-i", "2")
    assert [sample["status"] for sample in results.samples] == [200, 200]
    assert {kind for kind, _ in results.errors()} == {"check"}
