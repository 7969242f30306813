"""Test metrics that are sent to an OpenTelemetry collector."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from boomtalk.engine.errors import UsageError
from boomtalk.engine.export.families import families
from boomtalk.engine.export.otlp import OtlpExport, headers_of, metrics_url
from boomtalk.engine.load.shape import Load, Ramp
from boomtalk.engine.measure.stats import Stats
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, run_cli

from .collector import Labels, collecting, labels_of, metrics_of, points
from .moments import moment

LOAD = Load(Ramp())
STEP = {"case": "c", "step": "s", "type": "request-GET"}


def filled() -> Stats:
    stats = Stats()
    series = stats.step("c", "s", "request-GET")
    series.counts.issued = series.counts.ok = 3
    series.counts.latencies.extend([0.0015, 0.3, 9.0])
    series.counts.status[200] = 3
    return stats


def sent(url: str, stats: Stats) -> Sequence[str]:
    """Send the numbers of a run that is over at once; return the warnings."""
    warnings: list[str] = []

    async def send() -> None:
        run = SimpleNamespace(load=LOAD, progress=lambda: moment(stats))
        export = OtlpExport(url, run, {"service.name": "boomtalk"}, {}, warnings.append)
        async with export.sending():
            pass

    asyncio.run(send())
    return warnings


def labels(**named: str) -> Labels:
    return tuple(sorted(named.items()))


def test_a_collector_gets_what_a_scrape_gets() -> None:
    stats = filled()
    with collecting() as collector:
        assert sent(collector.url, stats) == []
    (request,) = collector.requests
    found = points(request)
    scraped: dict[str, set[Labels]] = {}
    for family in families(moment(stats), LOAD):
        name = family.name + ("_total" if family.type == "counter" else "")
        rows = ({k: v for k, v in one.labels.items() if k != "le"} for one in family.samples)
        scraped[name] = {labels(**row) for row in rows}
    assert {name: set(rows) for name, rows in found.items()} == scraped
    ok = found["boomtalk_requests_total"][labels(**STEP, outcome="ok")]
    assert ok["asDouble"] == 3
    assert found["boomtalk_responses_total"][labels(**STEP, code="200")]["asDouble"] == 3


def test_a_histogram_has_one_count_per_bucket() -> None:
    with collecting() as collector:
        sent(collector.url, filled())
    row = points(collector.requests[0])["boomtalk_latency_seconds"][labels(**STEP)]
    edges = dict(zip([*row["explicitBounds"], "+Inf"], row["bucketCounts"], strict=True))
    assert {edge: number for edge, number in edges.items() if number != "0"} == {
        0.002: "1",
        0.5: "1",
        "+Inf": "1",
    }
    assert row["count"] == "3"
    assert row["sum"] == pytest.approx(9.3015, rel=0.01)


def test_counts_are_cumulative_and_tell_their_unit() -> None:
    with collecting() as collector:
        sent(collector.url, filled())
    by_name = {one["name"]: one for one in metrics_of(collector.requests[0])}
    requests = by_name["boomtalk_requests_total"]["sum"]
    assert requests["isMonotonic"]
    assert requests["aggregationTemporality"] == 2  # cumulative
    assert by_name["boomtalk_latency_seconds"]["histogram"]["aggregationTemporality"] == 2
    units = {name: one["unit"] for name, one in by_name.items() if one["unit"]}
    assert units["boomtalk_latency_seconds"] == "s"
    assert units["boomtalk_received_bytes_total"] == "By"
    assert "boomtalk_users" not in units


def test_what_a_step_counts_begins_at_the_end_of_the_warm_up_for_every_push() -> None:
    clock = [0.0]
    stats = Stats(lambda: clock[0])
    stats.start_clock()
    series = stats.step("c", "s", "request-GET")
    warnings: list[str] = []

    async def three_pushes(url: str) -> None:
        run = SimpleNamespace(load=LOAD, progress=lambda: moment(stats))
        export = OtlpExport(url, run, {}, {}, warnings.append)
        async with export._session:
            for end_warmup in (False, True, False):
                clock[0] += 10.0
                series.counts.ok += 1
                if end_warmup:
                    stats.end_warmup()
                clock[0] += 1.0
                await export._push(False)

    with collecting() as collector:
        asyncio.run(three_pushes(collector.url))
    starts = [
        int(
            points(one)["boomtalk_requests_total"][labels(**STEP, outcome="ok")][
                "startTimeUnixNano"
            ]
        )
        for one in collector.requests
    ]
    whole = {
        int(next(iter(points(one)["boomtalk_iterations_total"].values()))["startTimeUnixNano"])
        for one in collector.requests
    }
    assert whole == {starts[0]}
    assert starts[1] == starts[2] == starts[0] + 21 * 10**9


@pytest.mark.parametrize(
    ("status", "refused", "why"),
    [(503, 0, "it answered 503"), (307, 0, "it answered 307"), (200, 4, "it refused 4 values")],
)
def test_a_collector_that_refuses_is_told_once(status: int, refused: int, why: str) -> None:
    with collecting(status, refused) as collector:
        (warning,) = sent(collector.url, filled())
    assert warning.startswith(f"cannot push to {collector.url}/v1/metrics: {why}")


def test_a_collector_that_never_answers_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("boomtalk.engine.export.otlp._TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (warning,) = sent(url, filled())
    assert "Timeout" in warning


def test_all_failures_are_counted_and_the_run_goes_on(
    target: TargetProcess, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    flags = ("-d", "6s", "--max-rps", "5", "--no-out", "--json", report, "--otlp", url)
    ended = run_cli("boom", f"{target.url}/", *flags)
    assert ended.code == 0, ended
    assert ended.err.count("cannot push to") == 1
    assert f"2 of 2 pushes to {url}/v1/metrics failed" in ended.err
    assert read_report(report)["accounting"]["ok"] == target.stats()["requests"]


def test_the_last_numbers_of_a_run_are_sent_with_the_headers_of_the_environment(
    target: TargetProcess,
) -> None:
    secret = {"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic%20YTpi,X-Scope=shop"}
    with collecting() as collector:
        flags = ("-i", "7", "--no-out", "--otlp", f"{collector.url}/api/v1/otlp/")
        ended = run_cli("boom", f"{target.url}/", *flags, env=secret)
    assert ended.code == 0, ended
    last = points(collector.requests[-1])["boomtalk_requests_total"]
    assert sum(row["asDouble"] for row in last.values()) == 7
    assert set(collector.paths) == {"/api/v1/otlp/v1/metrics"}
    headers = collector.headers[-1]
    assert headers["Content-Type"] == "application/json"
    assert (headers["Authorization"], headers["X-Scope"]) == ("Basic YTpi", "shop")
    (resource,) = collector.requests[-1]["resourceMetrics"]
    about = dict(labels_of(resource["resource"]))
    assert about["service.name"] == "boomtalk"
    assert about.keys() == {"service.name", "service.version", "service.instance.id"}


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("http://a:4318", "http://a:4318/v1/metrics"),
        ("http://a:4318/", "http://a:4318/v1/metrics"),
        ("https://a/otlp/v1/metrics", "https://a/otlp/v1/metrics"),
        ("https://a/otlp?key=1", "https://a/otlp/v1/metrics?key=1"),
    ],
)
def test_the_path_for_metrics_is_added_unless_it_is_there(url: str, whole: str) -> None:
    assert metrics_url(url) == whole


def test_headers_that_cannot_be_read_are_bad_usage() -> None:
    with pytest.raises(UsageError, match="OTEL_EXPORTER_OTLP_HEADERS: write it as NAME=VALUE"):
        headers_of({"OTEL_EXPORTER_OTLP_HEADERS": "Bearer abc"})


def test_without_the_package_it_says_what_to_install(target: TargetProcess, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['prometheus_client'] = None\n"
    )
    words = ("boom", f"{target.url}/", "-i", "3", "--no-out", "--otlp", "http://127.0.0.1:9")
    ended = run_cli(*words, env={"PYTHONPATH": str(tmp_path)})
    assert ended.code == 2, ended
    assert "pip install 'boomtalk[otel]'" in ended.err
    assert target.stats()["requests"] == 0
