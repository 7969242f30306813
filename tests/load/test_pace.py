"""Test the times of starts: rates, stalls of the generator, warm-up, meeting points, randomness."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.load_runs import GET, Boom
from tests.support.timed_server import TimedServer
from tests.support.waiting import wait_until

WINDOW = 0.1


def most_in_a_window(log: list[dict[str, Any]]) -> int:
    """Return the most arrivals in any tenth of a second."""
    times = sorted(entry["arrived"] for entry in log)
    ends = range(len(times))
    most = begin = 0
    for end in ends:
        while times[end] - times[begin] > WINDOW:
            begin += 1
        most = max(most, end - begin + 1)
    return most


@pytest.mark.alone
def test_an_arrival_rate_starts_exactly_what_it_owes_and_never_in_bursts(
    boom: Boom, timed: TimedServer
) -> None:
    results = boom(GET.format(url="/ms/5"), "--arrival-rate", "1000/s", "-d", "2s")
    counts = results.report["iterations"]
    assert counts["planned"] == 2000
    assert counts["started"] + counts["dropped"] == 2000
    assert len(timed.log()) == counts["completed"]
    # 100 are due in a window; a start up to 100 ms late may still join them.
    assert most_in_a_window(timed.log()) <= 300


@pytest.mark.alone
def test_a_generator_that_stood_still_says_so_and_does_not_catch_up(
    boom: Boom, timed: TimedServer
) -> None:
    flags = ("--arrival-rate", "50/s", "-d", "6s")
    with boom.running(GET.format(url="/"), *flags) as running:
        wait_until(lambda: timed.stats()["requests"] >= 50, "the first second")
        running.send(signal.SIGSTOP)
        time.sleep(3)  # this is the stall itself
        running.send(signal.SIGCONT)
        results = boom.results(running.wait())
    report = results.report
    assert report["iterations"]["planned"] == 300
    assert report["iterations"]["dropped_by"]["late"] >= 135
    assert report["iterations"]["started"] >= 100
    assert most_in_a_window(timed.log()) <= 20
    health = report["health"]
    assert health["trusted"] is False
    assert health["bad_seconds"] >= 2
    assert health["lag_ms"]["max"] > 2000
    assert max(second["lag_ms"] for second in report["seconds"]) > 1000
    # The target must not be named as the limit.
    assert report["total"]["latency_ms"]["p50"] < 1000


@pytest.mark.alone
def test_a_request_limit_is_kept_smoothly(boom: Boom, timed: TimedServer) -> None:
    results = boom(GET.format(url="/"), "-u", "10", "-d", "2s", "--max-rps", "200")
    log = timed.log()
    assert len(log) == results.report["accounting"]["issued"] > 200
    assert len(log) <= 200 * results.report["duration"] + 1
    assert most_in_a_window(log) <= 20 + 10 + 1


def test_what_began_in_the_warm_up_is_told_apart(boom: Boom) -> None:
    results = boom(GET.format(url="/ms/10"), "-u", "5", "-d", "1s", "--warmup", "1s")
    report = results.report
    warm, measured = report["warmup"]["total"]["issued"], report["total"]["issued"]
    assert warm + measured == report["accounting"]["issued"] == len(results.samples)
    boundary = report["warmup"]["duration"]
    assert boundary >= 1
    begun = sum(sample["start"] < boundary for sample in results.samples)
    assert abs(warm - begun) <= 5  # users, each between two clocks
    assert [second["t"] for second in report["seconds"]][:2] == [-1, 1]


def test_users_meet_and_go_on_together(boom: Boom, timed: TimedServer) -> None:
    case = """
config: {name: meeting}
teststeps:
  - {name: alone, request: {method: GET, url: /ms/600}}
  - {name: meet, rendezvous: {name: meet, number: 10, timeout: 20000}}
  - {name: together, request: {method: GET, url: /ms/1}}
"""
    results = boom(case, "-u", "10", "-r", "40", "--loops", "1")
    assert results.report["accounting"]["ok"] == 20
    log = timed.log()
    alone = [entry for entry in log if entry["path"] == "/ms/600"]
    together = [entry for entry in log if entry["path"] == "/ms/1"]
    assert max(one["answered"] for one in alone) <= min(one["arrived"] for one in together)


@pytest.fixture
def weighted(tmp_path: Path) -> Path:
    folder = tmp_path / "cases"
    folder.mkdir()
    for name, weight in (("often", 3), ("seldom", 1)):
        (folder / f"{name}.yml").write_text(
            f"config: {{name: {name}, weight: {weight}}}\nteststeps:\n"
            '  - {name: ask, request: {method: GET, url: "/ms/0/${gen_random_string(8)}"}}\n'
        )
    return folder


def test_weights_share_out_the_iterations_and_a_seed_repeats_every_choice(
    boom: Boom, timed: TimedServer, weighted: Path
) -> None:
    def choices(seed: str) -> list[str]:
        timed.reset()
        boom(GET.format(url="/"), str(weighted), "-i", "200", "--seed", seed)
        return [entry["path"] for entry in timed.log()]

    first, again, other = choices("7"), choices("7"), choices("8")
    assert first == again != other


def test_a_weight_is_a_share_of_the_iterations(boom: Boom, weighted: Path) -> None:
    boom.case = weighted / "often.yml"
    results = boom(boom.case.read_text(), str(weighted / "seldom.yml"), "-i", "400", "--seed", "1")
    often = sum(sample["case"] == "often" for sample in results.samples)
    assert 260 < often < 340
