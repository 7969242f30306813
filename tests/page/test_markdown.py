"""Test the report as Markdown: its numbers, and that text from outside stays text."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli

from .recorded import Run


def markdown(run: Run) -> str:
    ended = run_cli("report", run.directory, "--markdown", "-")
    assert ended.code == 0, ended
    assert "requests" in ended.err, "the summary does not stand in it"
    return ended.out


def table_of(text: str, first: str) -> list[list[str]]:
    """Return the rows of the table whose first column has this name."""
    (part,) = [part for part in text.split("\n\n") if part.startswith(f"| {first} |")]
    lines = [line[2:-2].split(" | ") for line in part.splitlines()]
    assert {len(line) for line in lines} == {len(lines[0])}
    return lines[2:]


def test_the_tables_hold_the_numbers_of_the_report(run: Run) -> None:
    text, report = markdown(run), run.report
    steps = table_of(text, "step")
    for row, step in zip(steps, [*report["steps"], report["total"]], strict=True):
        counts = [int(cell.replace(" ", "")) for cell in row[1:5]]
        assert counts == [step[name] for name in ("issued", "ok", "failed", "not_issued")]
        p95 = float(row[7].replace(" ", ""))
        assert p95 == pytest.approx(step["latency_ms"]["p95"], abs=0.051)
    assert [int(row[-1]) for row in table_of(text, "failure")] == [
        error["count"] for error in report["errors"]
    ]
    (function,) = table_of(text, "function")
    assert function[:3] == ["sign", *map(str, (report["plugins"][0]["calls"], function[2]))]
    assert "### ❌" in text
    assert "1 of 2 thresholds broken" in text
    assert "| ❌ | p(95)&#60;0.001 |" in text


def test_foreign_text_is_no_markup(run: Run) -> None:
    text = markdown(run)
    own = text.replace("| ---: ", "").replace("**", "")
    assert not set("<>`[]~$\u202e\x07") & set(own)
    assert "pay &#60;/script&#62;&#60;img src=x onerror" in text
    assert "&#124; &#96;x&#96; &#91;link=y&#93; &#38;amp;" in text


def test_nobody_is_called_by_a_name_in_a_case(target: TargetProcess, tmp_path: Path) -> None:
    flags = ("-i", "2", "--no-out", "--name", "for @everyone", "--markdown", "-", "-q")
    ended = run_cli("boom", f"{target.url}/", *flags, cwd=tmp_path)
    assert ended.code == 0, ended
    assert "✅ for @\u2060everyone: Completed" in ended.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("trusted", "told"),
    [
        (True, "times may be up to 2.6 ms too high: it used 97 % of its core"),
        (False, "NOT TRUSTED: times may be up to 2.6 ms too high: it used 97 % of its core"),
    ],
)
def test_how_far_times_may_be_the_generators_own_is_told_everywhere(
    run: Run, tmp_path: Path, trusted: bool, told: str
) -> None:
    directory = Path(copytree(run.directory, tmp_path / "run"))
    doubt = "times may be up to 2.6 ms too high: it used 97 % of its core"
    health = run.report["health"] | {"trusted": trusted, "doubt": doubt}
    (directory / "report.json").write_text(json.dumps(run.report | {"health": health}))
    page = tmp_path / "page.html"
    ended = run_cli("report", directory, "--markdown", "-", "--html", page)
    assert ended.code == 0, ended
    assert f"⚠️ {told}\n" in ended.out
    assert told in ended.err.splitlines()
    assert json.dumps(told) in page.read_text()
