"""Test that a check on ever-new values is one row of failures, with examples, in every output."""

from __future__ import annotations

import json
import shutil
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from boomtalk.examples.target import target_process

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli

CASE = """
config: {name: shop}
teststeps:
  - name: create
    variables: {id: "${gen_random_string(12)}"}
    request: {method: GET, url: "/echo?id=$id"}
    validate: [{eq: ['body.query.id[0]', "1"]}]
"""
CHECK = 'body.query.id[0] eq "1"'
REQUESTS = 300


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with every output of one run."""
    folder = tmp_path_factory.mktemp("failures")
    (folder / "case.yml").write_text(CASE)
    names = ("json", "junit", "html", "markdown")
    flags = [word for name in names for word in (f"--{name}", f"results.{name}")]
    with target_process() as target:
        load = ("boom", "case.yml", "--base-url", target.url, "-u", "5", "-i", str(REQUESTS))
        ended = run_cli(*load, "--out", "out", *flags, cwd=folder)
    assert ended.code == 0, ended
    (folder / "screen.txt").write_text(ended.out)
    return folder


def row(report: dict[str, Any]) -> dict[str, Any]:
    (error,) = report["errors"]
    assert isinstance(error, dict)
    return error


def test_ever_new_values_are_one_row_with_three_examples(results: Path) -> None:
    report = read_report(results / "results.json")

    error = row(report)

    check_accounting(report)
    assert (error["kind"], error["step"], error["count"]) == ("check", "create", REQUESTS)
    assert error["check"] == CHECK
    assert len(set(error["examples"])) == 3
    assert all(example.startswith(f"{CHECK}: got ") for example in error["examples"])


@pytest.mark.parametrize("name", ["screen.txt", "results.junit", "results.markdown"])
def test_the_check_and_the_values_stand_in_each_text(results: Path, name: str) -> None:
    error = row(read_report(results / "results.json"))
    text = " ".join((results / name).read_text().split())
    if name.endswith(".markdown"):
        text = unescape(text)
    if name.endswith(".junit"):
        text = " ".join("".join(ElementTree.fromstring(text).itertext()).split())

    came = [example.removeprefix(f"{CHECK}: got ").strip('"') for example in error["examples"]]

    assert text.count(CHECK) >= 1
    assert [value in text for value in came] == [True] * 3
    assert "of more kinds" not in text


def test_the_page_counts_the_row_in_its_slices(results: Path) -> None:
    page = (results / "results.html").read_text()
    data = page.split('id="content">')[1].split("</script>")[0]
    content = json.loads(data)

    (text,) = content["failures"]
    (when,) = content["timeline"]["errors"]

    assert text.startswith(f"{CHECK}: got ")
    assert sum(number for _, number in when) == REQUESTS


def test_a_record_from_before_examples_is_still_shown(results: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(results / "out", old)
    lines = [json.loads(line) for line in (old / "record.jsonl").read_text().splitlines()]
    for line in lines:
        forget(line.get("so_far", {}))
    (old / "record.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    report = read_report(old / "report.json")
    forget(report)
    (old / "report.json").write_text(json.dumps(report))

    shown = run_cli("report", old, "--html", tmp_path / "page.html", "--junit", tmp_path / "j.xml")

    assert (shown.code, shown.err) == (0, "")
    assert row(report)["message"] in " ".join(shown.out.split())


def forget(report: dict[str, Any]) -> None:
    """Remove the keys that older versions did not write."""
    for error in report.get("errors", ()):
        del error["check"], error["examples"]
