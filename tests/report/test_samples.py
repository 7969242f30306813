"""Test the samples file and the id header, which exist only if a flag asks for them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.accounting import check_accounting
from tests.support.bad_server import BadServerProcess
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.load_runs import GET, ID_HEADER, Boom, check_ids
from tests.support.timed_server import TimedServer
from tests.support.waiting import wait_until

MIXED = """
config: {name: mixed}
teststeps:
  - {name: fine, request: {method: GET, url: /ms/5}}
  - {name: checked, request: {method: GET, url: /}, validate: [{eq: [status_code, 201]}]}
"""


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_request_is_a_line_that_tells_how_it_went(boom: Boom, timed: TimedServer) -> None:
    results = boom(MIXED, "-u", "3", "--loops", "10")
    check_ids(results, (entry["id"] for entry in timed.log()))
    assert [len(results.of_kind(kind)) for kind in ("ok", "check")] == [30, 30]
    names = ["id", "case", "step", "start", "kind", "detail", "latency_ms", "response_ms"]
    for sample in results.samples:
        assert list(sample) == [*names, "connect_ms", "status"]
        assert sample["step"] == {"ok": "fine", "check": "checked"}[sample["kind"]]
        assert (sample["case"], sample["status"], sample["response_ms"]) == ("mixed", 200, None)
        assert 0 <= sample["start"] < results.report["duration"]
        assert sample["latency_ms"] > 0
    connects = [sample for sample in results.samples if sample["connect_ms"] is not None]
    assert len(connects) == results.report["wire"]["connections_opened"] == 3


def test_what_was_never_sent_is_no_sample(boom: Boom) -> None:
    results = boom(GET.format(url='"/${max(1, a)}"'), "-i", "3")
    assert results.report["accounting"]["not_issued"] == 3
    assert results.samples == []


def test_a_cancelled_request_is_a_line_too(boom: Boom, timed: TimedServer) -> None:
    with boom.running(GET.format(url="/never"), "-u", "5", "--graceful-stop", "0") as running:
        wait_until(lambda: timed.stats()["requests"] == 5, "all users to be waiting")
        running.send(signal.SIGINT)
        results = boom.results(running.wait())
    assert [sample["kind"] for sample in results.samples] == ["cancelled"] * 5
    assert all(sample["latency_ms"] > 0 for sample in results.samples)


def test_in_an_open_load_a_sample_has_its_response_time(boom: Boom) -> None:
    results = boom(GET.format(url="/ms/20"), "--arrival-rate", "20/s", "-d", "1s")
    counts = results.report["iterations"]
    assert counts["planned"] == 20
    assert len(results.of_kind("ok")) == counts["started"] == 20 - counts["dropped"] > 0
    assert all(one["response_ms"] >= one["latency_ms"] for one in results.samples)


def test_the_hops_of_a_redirect_carry_the_id_of_their_request(
    bad_server: BadServerProcess, tmp_path: Path
) -> None:
    url = "'/redirect-to?url=/redirect-to%3Furl=/ok'"
    results = Boom(tmp_path, bad_server.url)(GET.format(url=url), "-i", "2")
    ids = [sample["id"] for sample in results.samples]
    assert [head["id"] for head in bad_server.log()] == [ids[0]] * 3 + [ids[1]] * 3
    assert len(set(ids)) == results.report["accounting"]["issued"] == 2


def test_the_id_takes_the_place_of_the_authors_own(boom: Boom, timed: TimedServer) -> None:
    results = boom(GET.format(url=f"/, headers: {{{ID_HEADER.lower()}: mine}}"), "-i", "1")
    assert [entry["id"] for entry in timed.log()] == [results.samples[0]["id"]]


def test_without_the_flags_there_is_neither_an_id_nor_a_file(
    timed: TimedServer, tmp_path: Path
) -> None:
    case = tmp_path / "case.yml"
    case.write_text(GET.format(url="/"))
    assert run_cli("boom", case, "--base-url", timed.url, "-i", "1", "--no-out").code == 0
    assert [entry["id"] for entry in timed.log()] == [""]
    assert list(tmp_path.iterdir()) == [case]


def test_samples_alone_stand_on_stdout(boom: Boom, timed: TimedServer) -> None:
    boom.case.write_text(GET.format(url="/"))
    flags = ("--base-url", timed.url, "-i", "3", "--no-out", "--samples", "-")
    ended = run_cli("boom", boom.case, *flags)
    assert ended.code == 0, ended
    assert [json.loads(line)["kind"] for line in ended.out.splitlines()] == ["ok"] * 3
    assert "iterations" in ended.err


@pytest.mark.parametrize("path", ["case.yml/s.jsonl", "."])
def test_a_file_that_cannot_be_opened_is_an_error_before_the_load(
    path: str, boom: Boom, timed: TimedServer, tmp_path: Path
) -> None:
    boom.case.write_text(GET.format(url="/"))
    flags = ("--base-url", timed.url, "-i", "3", "--no-out", "--samples", path)
    ended = run_cli("boom", boom.case, *flags, cwd=tmp_path)
    assert ended.code == 2, ended
    assert "samples" in ended.err
    assert timed.log() == []


def test_samples_that_cannot_be_written_are_counted_and_told_once(
    boom: Boom, timed: TimedServer, tmp_path: Path
) -> None:
    boom.case.write_text(GET.format(url="/ms/1"))
    report_path = tmp_path / "r.json"
    flags = ("-d", "2500ms", "--no-out", "--samples", "/dev/full", "--json", report_path)
    ended = run_cli("boom", boom.case, "--base-url", timed.url, *flags)
    assert ended.code == 4, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=len(timed.log()))
    assert report["exit_code"] == 4
    reason = "/dev/full: No space left on device"
    unwritten = report["accounting"]["issued"]
    assert report["samples"] == {"written": 0, "unwritten": unwritten, "reason": reason}
    warnings = [line for line in ended.err.splitlines() if "warning" in line]
    issued = report["accounting"]["issued"]
    assert warnings == [
        f"warning: {issued} samples are unwritten: /dev/full: No space left on device"
    ]


def test_samples_for_a_pipe_that_was_closed_are_counted_with_those_before(
    boom: Boom, timed: TimedServer, tmp_path: Path
) -> None:
    pipe, report_path = tmp_path / "pipe", tmp_path / "r.json"
    os.mkfifo(pipe)
    boom.case.write_text(GET.format(url="/ms/5"))
    flags = ("--base-url", timed.url, "-d", "2s", "--no-out", "--json", report_path)
    with started(("boom", boom.case, *flags, "--samples", pipe)) as running:
        with pipe.open("rb") as reader:
            assert json.loads(reader.readline())["kind"] == "ok"
        ended = running.wait()
    assert ended.code == 4, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=len(timed.log()))
    told = report["samples"]
    assert told["written"] + told["unwritten"] == report["accounting"]["issued"]
    assert min(told["written"], told["unwritten"]) > 0
    assert told["reason"] == f"{pipe}: Broken pipe"
    assert f"{told['unwritten']} samples are unwritten: {told['reason']}" in ended.err


def test_the_report_tells_of_samples_only_where_there_are_any(boom: Boom, tmp_path: Path) -> None:
    results = boom(GET.format(url="/"), "-i", "3")
    assert results.report["samples"] == {"written": 3, "unwritten": 0, "reason": None}
    path = tmp_path / "without.json"
    flags = ("--base-url", boom.url, "-i", "3", "--no-out", "--json", path)
    assert run_cli("boom", boom.case, *flags).code == 0
    assert read_report(path)["samples"] is None


def test_a_killed_run_leaves_what_it_had_written(
    boom: Boom, timed: TimedServer, tmp_path: Path
) -> None:
    path = tmp_path / "samples.jsonl"
    with boom.running(GET.format(url="/ms/20"), "-u", "5") as running:
        wait_until(lambda: path.exists() and path.stat().st_size, "the first lines")
        running.send(signal.SIGKILL)
        running.wait()
    seen = {entry["id"] for entry in timed.log()}
    assert {sample["id"] for sample in lines_of(path)} <= seen
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_id_needs_the_name_of_a_header(timed: TimedServer, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(GET.format(url="/"))
    arguments = ("boom", case, "--base-url", timed.url, "--id-header", "X Id:")
    with started(arguments) as running:
        ended = running.wait()
    assert ended.code == 2, ended
    assert "not the name of a header" in " ".join(ended.err.split())
    assert timed.log() == []
