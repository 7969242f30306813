"""Test what a machine may do to a run: clock changes, closed terminals, slow disks."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, started
from tests.support.load_runs import GET, Boom, check_ids
from tests.support.timed_server import TimedServer
from tests.support.waiting import wait_until

# After one second the wall clock of the process is wrong by this many seconds.
JUMP = """
import time
real, began = time.time, time.monotonic()
time.time = lambda: real() + ({jump} if time.monotonic() - began > 1 else 0)
"""


def test_a_terminal_that_is_closed_ends_the_run_as_sigterm_does(
    boom: Boom, timed: TimedServer
) -> None:
    with boom.running(GET.format(url="/ms/20"), "-u", "5", "--graceful-stop", "5s") as running:
        wait_until(lambda: timed.stats()["requests"] > 10, "some requests")
        running.send(signal.SIGHUP)
        results = boom.results(running.wait())
    assert results.ended.code == 143, results.ended
    assert results.report["stopped_by"] == "signal"
    seen = timed.log()
    check_accounting(results.report, server_requests=len(seen))
    check_ids(results, (entry["id"] for entry in seen))


@pytest.mark.parametrize("jump", [3600, -3600])
def test_a_wall_clock_that_jumps_changes_no_duration_and_no_rate(
    jump: int, boom: Boom, timed: TimedServer, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(JUMP.format(jump=jump))
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    flags = ("--arrival-rate", "20/s", "-d", "3s")
    results = boom(GET.format(url="/ms/5"), *flags, env={"PYTHONPATH": path})
    assert results.ended.code == 0, results.ended
    assert results.report["iterations"]["planned"] == 60
    assert 3 <= results.report["duration"] < 30
    assert all(0 <= one["start"] < 30 for one in results.samples)
    assert all(0 < one["latency_ms"] < 30_000 for one in results.samples)
    check_accounting(results.report, server_requests=len(timed.log()))


def test_a_reader_of_samples_that_falls_behind_holds_up_no_load_and_loses_nothing(
    boom: Boom, timed: TimedServer, tmp_path: Path
) -> None:
    pipe, report_path = tmp_path / "pipe", tmp_path / "r.json"
    os.mkfifo(pipe)
    boom.case.write_text(GET.format(url="/"))
    flags = ("--base-url", timed.url, "-u", "5", "--no-out", "--json", report_path)
    lines: list[bytes] = []
    with started(("boom", boom.case, *flags, "--samples", pipe)) as running, pipe.open("rb") as end:
        # This is ten times the size of a pipe, and no line has been read yet.
        wait_until(lambda: timed.stats()["requests"] > 5000, "the load to go on")
        reading = threading.Thread(target=lambda: lines.extend(end))
        reading.start()
        running.interrupt()
        ended = running.wait()
        reading.join()
    assert ended.code == 130, ended
    report = read_report(report_path)
    issued = report["accounting"]["issued"]
    assert report["samples"] == {"written": issued, "unwritten": 0, "reason": None}
    assert len({json.loads(line)["id"] for line in lines}) == len(lines) == issued
