"""Test the cases of the comparison, and one comparison end to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from boomtalk.engine import load_cases

from perf.bench.__main__ import arguments, chosen, main, tools_of
from perf.bench.servers import Echo
from perf.bench.tools import CHECK_NOTHING, TOOLS
from perf.bench.workloads import CASES, WORKLOADS, Workload

# A tool that checks nothing can do them.
_PLAIN = ("get", "http2", "fresh", "bodies", "post", "large", "open")
NAMES = [workload.name for workload in WORKLOADS]


class Nowhere(Echo):
    tls_url = http2_url = "https://127.0.0.1:12345"


@pytest.mark.parametrize("workload", WORKLOADS, ids=NAMES)
def test_a_workload_is_aimed_at_the_server(workload: Workload, tmp_path: Path) -> None:
    workload.work(Nowhere(12345), 1, tmp_path)
    (case,) = load_cases([tmp_path / "case.yml"]).cases
    assert "//127.0.0.1:12345" in (case.path.parent / "case.yml").read_text()
    assert all("8080" not in file.read_text() for file in tmp_path.iterdir())


@pytest.mark.parametrize("workload", WORKLOADS, ids=NAMES)
def test_every_tool_has_what_it_needs_for_the_work(workload: Workload) -> None:
    needs = {"k6": "script.js", "locust": "locustfile.py"}
    for tool in workload.tools:
        assert tool in TOOLS
        assert (CASES / workload.case / needs.get(tool, "case.yml")).exists()
        assert workload.case in _PLAIN or tool not in CHECK_NOTHING
    assert set(workload.main) <= set(workload.tools)


def test_a_workload_that_is_asked_for_by_name_has_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "live"])
    (workload,) = chosen(options := arguments())
    assert tools_of(workload, options) == ["boomtalk live", "boomtalk"]


def test_a_short_comparison_leaves_tools_and_workloads_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench"])
    names = [workload.name for workload in chosen(arguments())]
    assert set(names) < set(NAMES)
    monkeypatch.setattr(sys, "argv", ["bench", "--full"])
    assert [workload.name for workload in chosen(arguments())] == NAMES


def test_a_comparison_writes_what_the_server_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "results.json"
    told = ["bench", "websocket", "--tools", "boomtalk", "--seconds", "1", "--repeats", "1"]
    monkeypatch.setattr(sys, "argv", [*told, "--results", str(file)])
    main()
    section = json.loads(file.read_text())["websocket"]
    (run,) = section["runs"]["boomtalk"]
    assert 0 < run["requests"] < run["whole_requests"]
    assert 0 < run["cpu_seconds"] < run["whole_cpu_seconds"]
    assert (run["processes"], run["left_behind"]) == (1, 0)
    report = (tmp_path / "RESULTS.md").read_text()
    assert f"| boomtalk | {run['requests'] / run['cpu_seconds']:,.0f} |" in report
    assert section["about"]["date"] in report
