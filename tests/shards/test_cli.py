"""Test the flags of shards without Ray: what is refused, and that other runs do not need Ray."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli

# The error of an import if the package is not installed.
NO_RAY = "import sys\nsys.modules['ray'] = None\n"


@pytest.fixture
def without_ray(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(NO_RAY)
    return {"PYTHONPATH": str(folder)}


def test_without_ray_shards_are_refused_with_what_to_install(
    target: TargetProcess, without_ray: dict[str, str]
) -> None:
    ended = run_cli("boom", target.url, "-u", "4", "--shards", "2", "--no-out", env=without_ray)

    assert ended.code == 2, ended
    assert "pip install 'boomtalk[ray]'" in ended.err
    assert target.stats()["requests"] == 0


@pytest.mark.parametrize("flags", [(), ("--shards", "1")], ids=["no flag", "one shard"])
def test_a_load_of_one_process_never_imports_ray(
    target: TargetProcess, tmp_path: Path, without_ray: dict[str, str], flags: tuple[str, ...]
) -> None:
    report = tmp_path / "report.json"
    fixed = ("boom", target.url, "-i", "5", "--no-out", "--json", report)

    ended = run_cli(*fixed, *flags, env=without_ray)

    assert ended.code == 0, ended
    check_accounting(read_report(report), target.stats()["requests"])
    assert read_report(report)["shards"] is None


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--ray", "127.0.0.1:1"), "add --shards N"),
        (("--shards", "0"), "--shards"),
        (("--shards", "2", "--on-shard-loss", "maybe"), "stop or continue"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused(
    target: TargetProcess, flags: tuple[str, ...], text: str
) -> None:
    ended = run_cli("boom", target.url, "-u", "4", "--no-out", *flags)

    assert ended.code == 2, ended
    assert text in ended.err
    assert target.stats()["requests"] == 0


def test_a_plan_with_shards_starts_none(target: TargetProcess, without_ray: dict[str, str]) -> None:
    arguments = ("boom", target.url, "-u", "4", "--dry-run", "--shards", "2")

    ended = run_cli(*arguments, env=without_ray)

    assert ended.code == 0, ended
    assert target.stats()["requests"] == 0
