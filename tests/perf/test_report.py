"""Test RESULTS.md and the charts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from perf.bench import report
from perf.chart import Series, chart

ABOUT = {"date": "a day", "machine": "a machine", "versions": {}, "command": "c", "load_before": 0}


def run(requests: int, refused: int = 0, others: float = 0.01) -> dict[str, Any]:
    return {
        "requests": requests,
        "cpu_seconds": 2.0,
        "seconds": 4.0,
        "memory": 50_000_000,
        "processes": 1,
        "refused": refused,
        "whole_requests": requests,
        "whole_cpu_seconds": 3.0,
        "left_behind": 0,
        "others": others,
    }


def rendered(folder: Path, runs: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return the rows of the table that the report has for these runs."""
    workload: dict[str, Any] = {"title": "Work", "unit": "requests", "rate": None, "notes": []}
    section = {"kind": "comparison", "workload": workload, "steady": True, "seconds": 4}
    file = folder / "results.json"
    file.write_text(json.dumps({"get-64": {**section, "about": ABOUT, "runs": runs}}))
    report.write(file)
    return (folder / "RESULTS.md").read_text().partition("| --- |")[2].splitlines()[1:]


def test_a_peer_that_does_less_is_told_by_how_much(tmp_path: Path) -> None:
    runs = {"boomtalk": [run(400), run(420), run(380)], "k6": [run(100), run(105), run(95)]}
    ours, theirs = rendered(tmp_path, runs)[:2]
    assert ours == "| boomtalk | 200 (190-210) |  | 100 | 50 MB | 1 |"
    assert theirs == "| k6 | 50 (48-52) | 4.00x (4.00-4.00) | 25 | 50 MB | 1 |"


def test_the_other_python_is_compared_with_each_tool_too(tmp_path: Path) -> None:
    other = "boomtalk other Python"
    runs = {"boomtalk": [run(400)] * 3, other: [run(600)] * 3, "k6": [run(100)] * 3}
    rows = [[cell.strip() for cell in row.split("|")[3:5]] for row in rendered(tmp_path, runs)[:3]]
    assert rows == [
        ["", "1.50x (1.50-1.50)"],
        ["0.67x (0.67-0.67)", ""],
        ["4.00x (4.00-4.00)", "6.00x (6.00-6.00)"],
    ]
    heads = (tmp_path / "RESULTS.md").read_text()
    assert f"| boomtalk / tool | {other} / tool |" in heads


def test_a_difference_inside_the_noise_is_called_none(tmp_path: Path) -> None:
    runs = {"boomtalk": [run(100), run(120), run(90)], "hey": [run(100), run(110), run(95)]}
    assert "1.00x (0.95-1.09), no difference" in rendered(tmp_path, runs)[1]


def test_a_tool_that_the_server_refuses_is_not_compared_in_silence(tmp_path: Path) -> None:
    runs = {"boomtalk": [run(400)], "hrp": [run(100, refused=50)]}
    assert "50% refused by the server, not comparable" in rendered(tmp_path, runs)[1]


def test_a_tool_that_failed_says_why_in_its_row(tmp_path: Path) -> None:
    runs = {"boomtalk": [run(400)], "k6": [{"error": "ended with 1:\n no | script"}]}
    assert rendered(tmp_path, runs)[1] == "| k6 | failed: ended with 1: no / script |  |  |  |  |"


def test_a_machine_that_others_used_is_told(tmp_path: Path) -> None:
    rendered(tmp_path, {"boomtalk": [run(400), run(400)]})
    assert "not quiet" not in (tmp_path / "RESULTS.md").read_text()
    rendered(tmp_path, {"boomtalk": [run(400), run(400, others=0.4)]})
    assert "others used up to 40% of" in (tmp_path / "RESULTS.md").read_text()


def test_a_chart_has_every_point_of_both_series() -> None:
    first = Series("rate <1>", [(1, 10.0), (10, 40.0), (100, 30.0)])
    second = Series("memory", [(1, 5.0), (10, 6.0), (100, 7.0)])
    root = ElementTree.fromstring(chart("users", first, second))
    circles = root.findall("{*}circle")
    assert len(circles) == 6
    assert len({circle.get("cx") for circle in circles}) == 3
    heights = [float(circle.get("cy", "")) for circle in circles[:3]]
    assert heights[1] < heights[2] < heights[0]
    assert "prefers-color-scheme: dark" in (root.findtext("{*}style") or "")
