"""Test `boomtalk compare` and `boom --baseline`: their output, their files, their exit codes."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from boomtalk.commands.assembly.baseline import Baseline
from boomtalk.commands.assembly.comparing import comparable_side
from boomtalk.commands.assembly.log import Log
from boomtalk.engine.compare.comparison import Side
from boomtalk.engine.record.directory import RunDirectory
from boomtalk.engine.record.reading import Record
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.waiting import wait_until

from .runs import Law, recorded, report_of

LAW = Law(seconds=40)
SLOWER = replace(LAW, seed=1, median=LAW.median * 2)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return recorded(tmp_path / "before", LAW)


@pytest.fixture
def slower(tmp_path: Path) -> Path:
    return recorded(tmp_path / "slower", SLOWER)


def test_a_run_that_is_worse_ends_with_1_and_says_what_is_worse(before: Path, slower: Path) -> None:
    ended = run_cli("compare", before, slower)
    assert ended.code == 1, ended
    assert "B is worse than A" in ended.out
    lines = [line.rstrip() for line in ended.out.splitlines()]
    (look,) = [line for line in lines if line.startswith("look")]
    assert look.endswith("no difference")  # its rate: the load is the same
    assert sum(line.endswith("worse") for line in lines) >= 6
    (noise,) = [line for line in lines if line.startswith("noise")]
    assert "smaller changes of the total cannot be seen: rate " in noise


def test_a_run_that_is_better_or_the_same_ends_with_0(before: Path, slower: Path) -> None:
    better = run_cli("compare", slower, before)
    assert (better.code, "B is better than A" in better.out) == (0, True), better
    same = run_cli("compare", before, before)
    assert (same.code, "no difference beyond noise" in same.out) == (0, True), same


def test_a_limit_lets_a_run_be_a_little_worse(before: Path, slower: Path) -> None:
    assert run_cli("compare", before, slower, "--fail-if-worse", "500%").code == 0
    assert run_cli("compare", before, slower, "--fail-if-worse", "50%").code == 1


@pytest.mark.parametrize("limit", ["10", "-1%", "a lot"])
def test_a_limit_is_written_in_percent(before: Path, limit: str) -> None:
    ended = run_cli("compare", before, before, "--fail-if-worse", limit)
    assert ended.code == 2, ended
    assert "write it as 10%" in ended.err


def test_the_json_holds_every_figure_with_its_interval(
    tmp_path: Path, before: Path, slower: Path
) -> None:
    path = tmp_path / "comparison.json"
    assert run_cli("compare", before, slower, "--json", path, "-q").code == 1
    told = json.loads(path.read_text())
    assert told["verdict"] == "worse"
    (p50,) = [one for one in told["changes"] if (one["name"], one["figure"]) == ("look", "p50_ms")]
    assert (p50["case"], p50["type"], p50["verdict"]) == ("shop", "request-GET", "worse")
    assert p50["a"] == pytest.approx(10, rel=0.15)
    assert p50["low"] < 1 < p50["high"]
    assert p50["change"] == pytest.approx(p50["b"] / p50["a"] - 1, rel=1e-3)


def test_the_markdown_is_a_table_that_names_of_steps_cannot_break(tmp_path: Path) -> None:
    law = replace(LAW, steps=("a|b <b>x</b> @someone `c`",))
    sides = [recorded(tmp_path / str(seed), replace(law, seed=seed)) for seed in (0, 1)]
    ended = run_cli("compare", *sides, "--markdown", "-")
    assert ended.code == 0, ended
    assert ended.out.startswith("### Load test: no difference beyond noise\n")
    rows = [line for line in ended.out.splitlines() if line.startswith("| a")]
    assert len(rows) == 5
    name = "a&#124;b &#60;b&#62;x&#60;/b&#62; @\u2060someone &#96;c&#96;"
    assert all(row.startswith(f"| {name} | ") for row in rows)
    assert "no difference beyond noise" in ended.err  # the table of the terminal goes to stderr


def test_times_that_are_mostly_the_generators_own_are_refused_unless_forced(
    tmp_path: Path, before: Path
) -> None:
    own = replace(LAW, seed=1, trusted=False, added=0.8 * LAW.median * 3.2)
    bad = recorded(tmp_path / "bad", own)
    ended = run_cli("compare", before, bad)
    assert ended.code == 2, ended
    assert "its times are mostly the generator's own delay" in ended.err
    forced = run_cli("compare", before, bad, "--force")
    assert forced.code == 0, forced
    assert "warning     B was not trusted" in forced.out
    assert "too inaccurate to tell" in forced.out


def test_a_run_that_is_not_trusted_is_compared_as_far_as_it_can_be(
    tmp_path: Path, before: Path
) -> None:
    lossy = recorded(tmp_path / "lossy", replace(SLOWER, trusted=False, added=0.002))
    ended = run_cli("compare", before, lossy)
    assert ended.code == 1, ended
    assert "warning     B was not trusted" in ended.out
    assert "B is worse than A" in ended.out
    (line,) = [line for line in ended.out.splitlines() if line.startswith("accuracy")]
    assert re.search(r"by a generator's own delays: rate [\d.]+ %, p50 [\d.]+ %", line)


def test_the_json_says_how_much_of_a_figure_may_be_the_generators_own(
    tmp_path: Path, before: Path
) -> None:
    path, after = tmp_path / "x.json", replace(LAW, seed=1, added=0.002)
    assert (
        run_cli("compare", before, recorded(tmp_path / "b", after), "--json", path, "-q").code == 0
    )
    told = json.loads(path.read_text())
    assert (told["a"]["latency_error_ms"], told["b"]["latency_error_ms"]) == (0, 2)
    (p50,) = [one for one in told["changes"] if (one["name"], one["figure"]) == ("look", "p50_ms")]
    assert p50["own_share"] == {"a": 0, "b": pytest.approx(2 / p50["b"], abs=1e-4)}


def test_what_the_runs_do_not_have_in_common_stands_at_the_top(
    tmp_path: Path, before: Path
) -> None:
    other = replace(LAW, seed=1, users=20, model="open", sha256="1" * 64, steps=("look", "pay"))
    ended = run_cli("compare", before, recorded(tmp_path / "other", other))
    lines = ended.out.splitlines()
    assert lines[:3] == [
        "warning     load model: closed in A, open in B",
        "warning     users: 10 in A, 20 in B",
        "warning     case.yml is not the same file in A and B",
    ]
    assert "only in A: buy" in lines
    assert "only in B: pay" in lines


def test_runs_that_are_too_short_say_so_and_end_with_1(tmp_path: Path, before: Path) -> None:
    short = recorded(tmp_path / "short", replace(LAW, seconds=9))
    ended = run_cli("compare", before, short)
    assert ended.code == 1, ended
    assert "too short to tell: 39 s and 8 s of steady load" in ended.out


def test_a_killed_run_is_compared_by_what_it_recorded(
    target: TargetProcess, tmp_path: Path, before: Path
) -> None:
    out = tmp_path / "killed"
    with started(("boom", f"{target.url}/", "--max-rps", "50", "--out", out, "-q")) as running:
        wait_until(lambda: _seconds(out) >= 3, "three recorded seconds")
        running.send(signal.SIGKILL)
        running.wait()
    ended = run_cli("compare", before, out, "--force")
    assert ended.code == 1, ended
    assert "warning     B ended early: killed" in ended.out
    assert re.search(r"too short to tell: 39 s and [1-9] s", ended.out)


def _seconds(directory: Path) -> int:
    path = directory / "record.jsonl"
    return path.read_text().count('"record":"second"') if path.exists() else 0


def test_what_is_no_run_directory_cannot_be_compared(tmp_path: Path, before: Path) -> None:
    ended = run_cli("compare", before, tmp_path)
    assert ended.code == 2, ended
    assert "is not a run directory" in ended.err


def test_a_file_that_cannot_be_written_is_told_before(tmp_path: Path, before: Path) -> None:
    (tmp_path / "file").touch()
    ended = run_cli("compare", before, before, "--markdown", tmp_path / "file" / "x.md")
    assert ended.code == 2, ended
    assert "cannot write results" in ended.err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--baseline", "nowhere"), "nowhere is not a run directory"),
        (("--fail-if-worse", "10%"), "needs --baseline"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_bad_input_and_nothing_is_sent(
    target: TargetProcess, tmp_path: Path, flags: tuple[str, ...], message: str
) -> None:
    ended = run_cli("boom", f"{target.url}/", "-i", "5", "--no-out", *flags, cwd=tmp_path)
    assert ended.code == 2, ended
    assert message in ended.err
    assert target.stats()["requests"] == 0


def test_a_run_that_cannot_tell_of_its_baseline_ends_with_1_in_its_report_too(
    target: TargetProcess, tmp_path: Path, before: Path
) -> None:
    folder, report = tmp_path / "cwd", tmp_path / "report.json"
    folder.mkdir()
    words = ("boom", f"{target.url}/", "-i", "5", "--baseline", before, "--json", report)
    ended = run_cli(*words, "--no-out", cwd=folder, env={"TMPDIR": str(folder)})
    assert ended.code == 1, ended
    assert "too short to tell: 39 s and 0 s" in ended.out
    assert read_report(report)["exit_code"] == 1
    assert list(folder.iterdir()) == []
    assert "report.json" not in ended.out


@pytest.mark.parametrize(
    ("law", "limit", "missed"),
    [
        (replace(LAW, seed=1), None, False),
        (SLOWER, None, True),
        (SLOWER, 5.0, False),
        (replace(LAW, seed=1, added=1.0), None, True),
        (replace(LAW, seed=1, trusted=False), None, False),
    ],
    ids=["same", "slower", "slower within the limit", "own delay", "not trusted"],
)
def test_a_run_is_held_against_its_baseline(
    tmp_path: Path, before: Path, law: Law, limit: float | None, missed: bool
) -> None:
    after = recorded(tmp_path / "after", law)
    baseline = Baseline(comparable_side(before), limit)
    # A run directory refuses another run, so only its path is used.
    (after / "record.jsonl").rename(tmp_path / "record.jsonl")
    (after / "report.json").unlink()
    directory, log = RunDirectory(after), Log("error")
    (tmp_path / "record.jsonl").rename(after / "record.jsonl")

    comparison = baseline.compared(directory, report_of(law), log)

    assert comparison is not None
    assert baseline.is_missed(comparison, log) is missed
    assert comparison.changes == _again(before, after, law, limit)


def _again(before: Path, after: Path, law: Law, limit: float | None) -> object:
    from boomtalk.engine.compare.comparison import compare

    sides = Side.of(Record(before)), Side.of(Record(after), report_of(law))
    return compare(*sides, limit).changes
