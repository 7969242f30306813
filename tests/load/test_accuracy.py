"""Test that times are right, against a server that measures how long each request took.

Lower bounds, and percentiles of the measured values, are exact. Upper bounds leave room for a
machine that runs other programs, too.
"""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest

from tests.support.bad_server import BadServerProcess
from tests.support.load_runs import GET, Boom, Results
from tests.support.timed_server import SHAPES, TimedServer
from tests.support.waiting import wait_until

PLUGIN_CASE = GET.replace("url: {url}", 'url: {url}, headers: {{X: "${{slow()}}"}}')


def nearest_rank(values: list[float], percent: float) -> float:
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def check_percentiles(results: Results) -> None:
    """Assert that the report's percentiles are those of the samples, within 0.4 %."""
    latencies = [sample["latency_ms"] for sample in results.of_kind("ok")]
    told = results.report["total"]["latency_ms"]
    assert told["count"] == len(latencies)
    for name, percent in (("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99)):
        assert told[name] == pytest.approx(nearest_rank(latencies, percent), rel=0.005, abs=0.002)
    assert told["min"] == pytest.approx(min(latencies), abs=0.002)
    assert told["max"] == pytest.approx(max(latencies), abs=0.002)


@pytest.mark.alone
@pytest.mark.parametrize("shape", SHAPES)
def test_no_latency_is_below_the_truth_and_half_are_close_to_it(
    shape: str, boom: Boom, timed: TimedServer
) -> None:
    results = boom(GET.format(url=f"/shape/{shape}"), "-u", "10", "-i", "400")
    truth = {one["id"]: 1000 * (one["answered"] - one["arrived"]) for one in timed.log()}
    over = [sample["latency_ms"] - truth[sample["id"]] for sample in results.samples]
    assert len(over) == 400
    assert min(over) > -0.001
    assert nearest_rank(over, 50) < 10
    check_percentiles(results)


def test_latency_lasts_until_the_last_byte(bad_server: BadServerProcess, tmp_path: Path) -> None:
    case = GET.format(url="'/drip?bytes=5&every=0.1'")
    results = Boom(tmp_path, bad_server.url)(case, "-i", "2")
    assert all(sample["latency_ms"] >= 399 for sample in results.samples)


@pytest.mark.alone
def test_an_open_load_shows_a_stall_of_the_server_as_it_was(boom: Boom, timed: TimedServer) -> None:
    flags = ("--arrival-rate", "200/s", "-d", "5s")
    with boom.running(GET.format(url="/"), *flags) as running:
        wait_until(lambda: timed.stats()["requests"] > 300, "requests before the stall")
        timed.freeze(0.5)
        results = boom.results(running.wait())
    assert results.report["iterations"]["planned"] == 1000
    assert results.report["iterations"]["dropped_by"]["no_user"] == 0
    # A tenth of the starts fell into the stall, their waits spread evenly over 0..500 ms.
    response = results.report["total"]["response_ms"]
    assert 190 < response["p95"] < 400
    assert 380 < response["p99"] < 800
    assert response["max"] > 450
    assert response["p50"] < 100


@pytest.mark.alone
def test_a_plugin_call_counts_in_response_and_not_in_latency(
    boom: Boom, timed: TimedServer
) -> None:
    plugin = "import time\n\ndef slow():\n    time.sleep(0.05)\n    return 'x'\n"
    boom.case.with_name("debugtalk.py").write_text(plugin)
    results = boom(PLUGIN_CASE.format(url="/"), "--arrival-rate", "20/s", "-d", "2s")
    assert len(results.of_kind("ok")) > 0
    assert all(one["response_ms"] >= one["latency_ms"] + 50 for one in results.samples)
    assert results.report["total"]["latency_ms"]["p50"] < 45
    (called,) = results.report["plugins"]
    assert called["run_ms"]["min"] >= 50
    assert results.report["transactions"][0]["duration_ms"]["min"] >= 50


@pytest.mark.alone
def test_waiting_for_a_connection_counts_as_connecting(boom: Boom, timed: TimedServer) -> None:
    flags = ("-u", "40", "-r", "2000", "--loops", "8", "--max-connections", "5")
    results = boom(GET.format(url="/ms/30"), *flags)
    total = results.report["total"]
    # 40 users share 5 connections: of 240 ms a request waits 210.
    assert total["connect_ms"]["p50"] > 120
    assert 30 <= total["latency_ms"]["p50"] < 80
    assert timed.stats()["connections"] <= 5 + 1  # the connection of this request for the counts
    assert results.report["health"]["limited_by"] in ("connections", "event_loop", "generator_cpu")
