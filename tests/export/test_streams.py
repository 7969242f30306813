"""Test metrics of a running load test, scraped from `/metrics` and pushed to a gateway."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess
from prometheus_client.parser import text_string_to_metric_families

from tests.support.boomtalk_cli import Running, read_report, run_cli, started
from tests.support.waiting import PATIENCE, wait_until

from .gateway import listening

CASE = """
config: {name: shop}
teststeps:
  - {name: look, request: {method: GET, url: /}, validate: [{eq: [status_code, 200]}]}
  - {name: buy, request: {method: GET, url: /status/418}, validate: [{eq: [status_code, 200]}]}
"""
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.yml"
    path.write_text(CASE)
    return path


@pytest.fixture
def running(target: TargetProcess, case: Path) -> Iterator[Running]:
    flags = ("-u", "2", "--max-rps", "100", "--no-out", "--prometheus", "0", "--log-level", "info")
    with started(("boom", case, "--base-url", target.url, *flags)) as run:
        run.wait_for("/metrics")
        yield run


def url_of(running: Running) -> str:
    found = re.search(r"http://\S+/metrics", running.err)
    assert found, running.err
    return found[0]


def get(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> str:
    request = urllib.request.Request(url, headers=dict(headers or {}), method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text: str = response.read().decode()
        return text


def refusal(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(url, headers, method)
    caught.value.close()
    return caught.value.code


def samples(text: str) -> Samples:
    """Return every sample by name and sorted labels; raises ValueError for other text."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            key = (one.name, tuple(sorted(one.labels.items())))
            assert key not in found, key
            found[key] = one.value
    return found


def value(found: Samples, metric: str, /, **labels: str) -> float:
    return found[metric, tuple(sorted(labels.items()))]


def test_what_is_scraped_is_what_the_run_counts(running: Running) -> None:
    look = {"case": "shop", "step": "look", "type": "request-GET"}
    buy = {**look, "step": "buy"}

    def found() -> Samples:
        return samples(get(url_of(running)))

    # The second user starts half a second after the first one.
    wait_until(lambda: value(found(), "boomtalk_users") == 2, "both users")
    wait_until(
        lambda: value(found(), "boomtalk_requests_total", **buy, outcome="failed") > 5, "requests"
    )
    now = found()
    assert value(now, "boomtalk_users") == 2
    assert value(now, "boomtalk_plugin_processes") == 0
    ok = value(now, "boomtalk_requests_total", **look, outcome="ok")
    assert ok == value(now, "boomtalk_latency_seconds_count", **look) > 0
    assert ok == value(now, "boomtalk_latency_seconds_bucket", **look, le="+Inf")
    assert value(now, "boomtalk_latency_seconds_bucket", **look, le="5") <= ok
    failed = value(now, "boomtalk_requests_total", **buy, outcome="failed")
    assert value(now, "boomtalk_failures_total", kind="check", detail="") == failed
    assert {name for name, _ in now if not name.startswith("boomtalk_")} == set()


def test_only_metrics_are_served_and_only_to_be_read(running: Running) -> None:
    url = url_of(running)
    assert refusal(url.replace("/metrics", "/")) == 404
    assert refusal(url, method="POST") == 405
    assert refusal(url, method="DELETE") == 405


@pytest.mark.parametrize("host", ["shop.example", "shop.example:80", "127.0.0.1.shop.example", ""])
def test_a_page_that_goes_by_another_name_is_refused(running: Running, host: str) -> None:
    assert refusal(url_of(running), {"Host": host}) == 403


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:9100", "127.0.0.1", "[::1]:9100", "10.0.0.1"]
)
def test_an_address_or_the_name_of_this_machine_is_answered(running: Running, host: str) -> None:
    assert "boomtalk_users" in get(url_of(running), {"Host": host})


def test_it_listens_on_this_machine_alone_unless_told_otherwise(running: Running) -> None:
    assert url_of(running).startswith("http://127.0.0.1:")
    assert "everybody" not in running.err


def test_an_address_that_others_can_reach_is_warned_of(target: TargetProcess) -> None:
    flags = ("-i", "3", "--no-out", "--prometheus", "0.0.0.0:0")
    ended = run_cli("boom", f"{target.url}/", *flags)
    assert ended.code == 0, ended
    assert "everybody who can reach 0.0.0.0" in ended.err


def test_a_port_that_is_taken_is_bad_input_and_nothing_is_sent(target: TargetProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_cli("boom", f"{target.url}/", "-i", "3", "--no-out", "--prometheus", port)
    assert ended.code == 2, ended
    assert f"--prometheus cannot listen on 127.0.0.1:{port}" in ended.err
    assert target.stats()["requests"] == 0


@pytest.mark.parametrize(
    "flags",
    [
        ("--prometheus", "here"),
        ("--prometheus", "127.0.0.1:99999"),
        ("--prometheus-gateway", "ftp://127.0.0.1"),
        ("--prometheus-gateway", "http://"),
    ],
)
def test_an_address_that_is_none_is_bad_usage(
    target: TargetProcess, flags: tuple[str, str]
) -> None:
    ended = run_cli("boom", f"{target.url}/", "-i", "3", "--no-out", *flags)
    assert ended.code == 2, ended
    assert target.stats()["requests"] == 0


@pytest.mark.parametrize("flag", ["--prometheus", "--prometheus-gateway"])
def test_without_the_package_it_says_what_to_install(
    target: TargetProcess, tmp_path: Path, flag: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['prometheus_client'] = None\n"
    )
    environment = {"PYTHONPATH": str(tmp_path)}
    words = ("boom", f"{target.url}/", "-i", "3", "--no-out")
    assert run_cli(*words, env=environment).code == 0
    ended = run_cli(*words, flag, "9", env=environment)
    assert ended.code == 2, ended
    assert "pip install 'boomtalk[prometheus]'" in ended.err
    assert target.stats()["requests"] == 3


def test_a_gateway_gets_the_numbers_under_the_names_of_hrp(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    report = tmp_path / "report.json"
    flags = ("-u", "2", "--max-rps", "50", "-d", "4s", "--no-out", "--json", report)
    with listening() as gateway:
        address = gateway.url.removeprefix("http://")
        words = ("boom", case, "--base-url", target.url, *flags, "--prometheus-gateway", address)
        ended = run_cli(*words)
    assert ended.code == 0, ended
    assert len(gateway.pushes) >= 2  # after three seconds, and at the end
    (path,) = {path for path, _ in gateway.pushes}
    assert re.fullmatch(r"/metrics/job/hrp/instance/[0-9a-f-]{36}/mode/standalone", path)
    first, *_, last = pushes = [samples(body) for _, body in gateway.pushes]
    assert value(first, "users") == 2
    assert [value(one, "state") for one in (first, last)] == [3, 5]
    step = {"method": "request-GET", "name": "buy"}
    (buy,) = [one for one in read_report(report)["steps"] if one["name"] == "buy"]
    assert value(last, "total_num_requests", **step) == buy["failed"] > 0
    assert value(last, "total_num_failures", **step) == buy["failed"]
    assert value(last, "response_time_count", **step) == buy["failed"]
    assert value(last, "errors", **step, error="check") == buy["failed"]
    assert sum(value(one, "num_requests", **step) for one in pushes) == buy["failed"]
    assert value(first, "current_rps", **step) > 0
    assert {re.sub("_(count|sum)$", "", name) for name, _ in last} >= HRP_NAMES


def test_a_gateway_that_does_not_answer_is_told_once_and_changes_nothing(
    target: TargetProcess, tmp_path: Path
) -> None:
    with listening(status=500) as gateway:
        flags = ("-d", "4s", "--max-rps", "20", "--no-out", "--prometheus-gateway", gateway.url)
        ended = run_cli("boom", f"{target.url}/", *flags)
    assert ended.code == 0, ended
    assert len(gateway.pushes) >= 2
    assert ended.err.count("cannot push to") == 1


# The names that hrp 4.3.5 registers in hrp/pkg/boomer/output.go.
HRP_NAMES = {
    "num_requests",
    "num_failures",
    "median_response_time",
    "average_response_time",
    "min_response_time",
    "max_response_time",
    "average_content_length",
    "current_rps",
    "current_fail_per_sec",
    "errors",
    "total_num_requests",
    "total_num_failures",
    "response_time",
    "users",
    "state",
    "duration",
    "total_average_response_time",
    "total_min_response_time",
    "total_max_response_time",
    "total_rps",
    "fail_ratio",
    "total_fail_per_sec",
    "transactions_passed",
    "transactions_failed",
}
