"""Test the page of a load test as a file: safe, complete, of limited size, with the right data."""

from __future__ import annotations

import json
import re
import signal
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli, started
from tests.support.waiting import wait_until

from .recorded import HOSTILE, Page, Run, buckets_of


def test_what_a_case_or_a_server_says_is_data_and_never_markup(run: Run) -> None:
    page = run.read()
    assert set(page.tags) == {
        *("html", "head", "meta", "title", "style", "body", "header", "noscript", "p", "main"),
        *("section", "nav", "script"),
    }
    assert page.tags.count("script") == 2
    assert set(page.attributes) <= {
        *("lang", "charset", "http-equiv", "content", "name", "id", "type", "aria-label"),
    }
    assert not set(page.texts["content"]) & set("<>&\u2028\u2029\u202e\x07")
    content = page.content
    escaped = HOSTILE.replace("\u202e", "\\u202e").replace("\x07", "\\x07")
    assert content["report"]["name"] == escaped
    assert any(sample["step"] == f"pay {escaped}" for sample in content["samples"])


def test_the_page_asks_nothing_of_any_network(run: Run) -> None:
    page = run.read()
    outside = page.source.replace(page.texts["content"], "")
    assert re.findall(r"\w+://[^\s\"']*", outside) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|WebSocket|import\(", outside)


def test_the_policy_lets_only_this_script_and_this_style_be(run: Run) -> None:
    page = run.read()
    (policy,) = [text for text in page.attributes["content"] if "default-src" in text]
    hashes = {
        kind: f"'sha256-{b64encode(sha256(page.texts[kind].encode()).digest()).decode()}'"
        for kind in ("script", "style")
    }
    assert policy == (
        f"default-src 'none'; script-src {hashes['script']}; style-src {hashes['style']};"
        " base-uri 'none'; form-action 'none'"
    )


def test_the_page_holds_the_report(run: Run) -> None:
    held, report = run.read().content["report"], run.report
    for part in ("accounting", "iterations", "wire", "health", "thresholds", "total", "marks"):
        assert held[part] == report[part], part
    assert [step["latency_ms"] for step in held["steps"]] == [
        step["latency_ms"] for step in report["steps"]
    ]
    assert held["plugins"][0]["functions"] == report["plugins"][0]["functions"]


def test_the_slices_are_the_seconds_of_the_record(run: Run) -> None:
    timeline, seconds = run.read().content["timeline"], run.seconds()
    assert timeline["length"] == 1
    assert timeline["warmup"] == sum(second["t"] < 0 for second in seconds) > 0
    for name in ("users", "ok", "failed"):
        assert timeline[name] == [second[name] for second in seconds]
    rows = sum(len(row["slices"]) for row in timeline["steps"])
    assert rows == sum(len(second["steps"]) for second in seconds)
    for row in timeline["steps"]:
        for index, issued, ok, failed, *_ in row["slices"]:
            (second,) = [step for step in seconds[index]["steps"] if same(step, row)]
            numbers = [second.get(name, 0) for name in ("issued", "ok", "failed")]
            assert [issued, ok, failed] == numbers


def same(step: dict[str, Any], row: dict[str, Any]) -> bool:
    # Names of the page have their control characters escaped.
    return bool(step["name"][:8] == row["name"][:8])


def test_the_slices_after_the_warmup_add_up_to_the_report(run: Run) -> None:
    content, report = run.read().content, run.report
    timeline = content["timeline"]
    for row, step in zip(timeline["steps"], report["steps"], strict=True):
        measured = [one for one in row["slices"] if one[0] >= timeline["warmup"]]
        names = ("issued", "ok", "failed", "cancelled", "not_issued", "bytes_in")
        assert [sum(one[place] for one in measured) for place in range(1, 7)] == [
            step[name] for name in names
        ]
        buckets = [buckets_of(one[7][3]) for one in measured if one[7]]
        counted = sum(sum(one.values()) for one in buckets)
        assert counted == step["latency_ms"]["count"]
    for error, when in zip(report["errors"], timeline["errors"], strict=True):
        assert sum(number for _, number in when) == error["count"] > 0
    started = sum(numbers[0] for numbers in timeline["iterations"])
    assert started == report["iterations"]["started"]
    assert sum(timeline["calls"]) == report["plugins"][0]["calls"]


def test_a_run_that_was_killed_has_a_page_of_what_it_left(
    target: TargetProcess, tmp_path: Path
) -> None:
    out, page = tmp_path / "out", tmp_path / "page.html"
    flags = ("-u", "2", "--max-rps", "50", "--out", out, "--quiet")
    with started(["boom", f"{target.url}/", *flags]) as running:
        wait_until(lambda: lines_of(out).count("second") >= 2, "two recorded seconds")
        running.send(signal.SIGKILL)
        running.wait()
    ended = run_cli("report", out, "--html", page, "-q")
    assert ended.code == 0, ended
    content = Page(page.read_text()).content
    assert content["headline"]["text"] == "Killed"
    assert content["report"]["accounting"]["issued"] == sum(content["timeline"]["issued"]) > 0


def lines_of(directory: Path) -> list[str]:
    path = directory / "record.jsonl"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(line)["record"] for line in lines if line.endswith("\n")]


def test_a_page_without_a_run_directory_leaves_none(target: TargetProcess, tmp_path: Path) -> None:
    words = ("boom", f"{target.url}/", "-i", "20", "--no-out", "--html", "page.html", "--plain")
    (tmp_path / "temporary").mkdir()
    ended = run_cli(*words, cwd=tmp_path, env={"TMPDIR": str(tmp_path / "temporary")})
    assert ended.code == 0, ended
    assert {path.name for path in tmp_path.rglob("*")} == {"page.html", "temporary"}
    report = Page((tmp_path / "page.html").read_text()).content["report"]
    assert report["accounting"]["ok"] == target.stats()["requests"] == 20


def test_a_page_on_stdout_stands_alone_there(run: Run) -> None:
    ended = run_cli("report", run.directory, "--html", "-")
    assert ended.out.startswith("<!doctype html>")
    assert ended.out.endswith("</html>\n")
    assert "requests" in ended.err
    assert Page(ended.out).content == run.read().content


def test_a_page_that_cannot_be_written_is_told_before_the_load(
    target: TargetProcess, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    ended = run_cli("boom", f"{target.url}/", "-i", "5", "--html", tmp_path / "file" / "page.html")
    assert ended.code == 2, ended
    assert "page.html" in ended.err
    assert target.stats()["requests"] == 0


STEPS = 10


def long_record(directory: Path, run: Run, moments: Sequence[int], each: int) -> None:
    """Write the record of a run of `seconds`: each second has ten steps with `each` requests."""
    lines = (run.directory / "record.jsonl").read_text().splitlines()
    parts = [json.loads(line) for line in lines]
    origin, model = parts[0], [part for part in parts if part["record"] == "second"][-1]
    report = {**run.report, "errors": [], "marks": []}
    report["seconds"] = [{**run.report["seconds"][0], "t": t} for t in moments]
    report["warmup"] = {"duration": sum(t < 0 for t in moments), "total": None}
    shapes = [busy_second(model, Random(seed), each) for seed in range(8)]
    directory.mkdir()
    with (directory / "record.jsonl").open("w") as file:
        file.write(json.dumps(origin) + "\n")
        for elapsed, t in enumerate(moments, 1):
            before, after = shapes[t % len(shapes)]
            file.write(f'{before}"t": {t}, "elapsed": {elapsed}.0, {after}\n')
    (directory / "report.json").write_text(json.dumps(report))


def busy_second(model: dict[str, Any], random: Random, each: int) -> tuple[str, str]:
    histograms: list[Histogram] = []
    for _ in range(STEPS):
        histogram = Histogram()
        histogram.add([random.lognormvariate(-4, 0.8) for _ in range(each)])
        histograms.append(histogram)
    steps = [
        {"case": "c", "name": f"step {number}", "type": "request-GET", "issued": each, "ok": each,
         "latency": one.as_dict(), "connect": one.as_dict()}
        for number, one in enumerate(histograms)
    ]  # fmt: skip
    rest = {name: model[name] for name in model if name not in ("t", "elapsed", "record")}
    text = json.dumps({**rest, "steps": steps, "transactions": [], "warmup": None})
    return '{"record": "second", ', text[1:]


@pytest.mark.parametrize("seconds", [900, pytest.param(3600, marks=pytest.mark.extra)])
def test_the_page_of_a_long_run_of_ten_steps_is_a_few_megabytes(
    seconds: int, run: Run, tmp_path: Path
) -> None:
    long_record(tmp_path / "long", run, range(1, seconds + 1), each=100)
    page = tmp_path / "page.html"
    ended = run_cli("report", tmp_path / "long", "--html", page, "-q")
    assert ended.code == 0, ended
    assert page.stat().st_size < 5_000_000
    timeline = Page(page.read_text()).content["timeline"]
    assert len(timeline["at"]) == 300
    assert timeline["at"][-1] == seconds
    for row in timeline["steps"]:
        assert sum(one[1] for one in row["slices"]) == 100 * seconds
        assert sum(sum(buckets_of(one[7][3]).values()) for one in row["slices"]) == 100 * seconds
    assert len(timeline["steps"]) == STEPS


def test_seconds_of_a_long_run_are_taken_together_but_never_with_those_of_the_warmup(
    run: Run, tmp_path: Path
) -> None:
    moments = [*range(-5, 0), *range(1, 996)]
    long_record(tmp_path / "long", run, moments, each=2)
    ended = run_cli("report", tmp_path / "long", "--html", tmp_path / "page.html", "-q")
    assert ended.code == 0, ended
    timeline = Page((tmp_path / "page.html").read_text()).content["timeline"]
    assert (timeline["length"], timeline["warmup"]) == (4, 2)
    assert timeline["at"][:4] == [-1, 0, 4, 8]
    assert timeline["at"][-1] == 995
    assert sum(timeline["steps"][0]["slices"][0][1:3]) == 4 * 2 * 2


def test_kept_requests_are_left_out_where_they_would_be_too_much(run: Run, tmp_path: Path) -> None:
    lines = (run.directory / "record.jsonl").read_text().splitlines()
    (sample, *_) = [line for line in lines if json.loads(line)["record"] == "sample"]
    large = {**json.loads(sample), "variables": {"x": "y" * 30_000}}
    (tmp_path / "out").mkdir()
    many = [json.dumps(large)] * 100
    rare = json.dumps({**large, "kind": "timeout"})
    (tmp_path / "out" / "record.jsonl").write_text("\n".join([*lines, *many, rare]) + "\n")
    (tmp_path / "out" / "report.json").write_text(json.dumps(run.report))
    ended = run_cli("report", tmp_path / "out", "--html", tmp_path / "page.html", "-q")
    assert ended.code == 0, ended
    content = Page((tmp_path / "page.html").read_text()).content
    assert content["samples_left_out"] > 60
    assert any(one["kind"] == "timeout" for one in content["samples"]), "each kind is shown once"
    assert (tmp_path / "page.html").stat().st_size < 1_500_000
