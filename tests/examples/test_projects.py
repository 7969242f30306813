"""Test that the example projects work, in a functional run and under load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, run_cli

EXAMPLES = Path(__file__).parents[2] / "examples"
# That of go_plugin needs Go: see tests/plugins/test_real_go.py.
CASES = sorted(
    str(path.relative_to(EXAMPLES))
    for path in EXAMPLES.rglob("*")
    if path.suffix in (".yml", ".json")
    and "teststeps" in path.read_text()
    and not path.with_name("debugtalk.go").exists()
)
ROWS = {"parameters/testcases/browse.yml": 6, "parameters/testcases/accounts.yml": 3}
ROWS["demo/testcases/shop.yml"] = 3


def based(case: str, target: TargetProcess) -> list[str]:
    """Return the flags that make the target the base URL of a case."""
    scheme = "ws" if case.startswith("websocket") else "http"
    return ["--base-url", target.url.replace("http", scheme, 1)]


def boom(case: str, target: TargetProcess, folder: Path, *flags: str) -> dict[str, Any]:
    report = folder / "report.json"
    words = ["-q", "--no-out", "--fail-on-error", "--json", str(report), *flags]
    ended = run_cli("boom", EXAMPLES / case, *based(case, target), *words, cwd=folder)
    assert ended.code == 0, ended
    return read_report(report)


def test_the_projects_are_found() -> None:
    assert {case.split("/")[0] for case in CASES} == {
        "demo",
        "json_case",
        "login_once",
        "parameters",
        "rendezvous",
        "upload",
        "websocket",
    }


@pytest.mark.parametrize("case", CASES)
def test_an_example_passes_once_per_row(case: str, target: TargetProcess, tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    flags = [*based(case, target), "--json", summary]
    ended = run_cli("run", EXAMPLES / case, *flags, cwd=tmp_path)
    assert ended.code == 0, ended
    assert ended.err == ""
    assert read_report(summary)["stat"]["testcases"]["total"] == ROWS.get(case, 1)


@pytest.mark.parametrize("case", CASES)
def test_an_example_holds_under_load(case: str, target: TargetProcess, tmp_path: Path) -> None:
    report = boom(case, target, tmp_path, "-u", "3", "-i", "12")
    assert report["iterations"]["completed"] == 12
    assert report["wire"]["requests"] == target.stats()["requests"] > 0


def test_each_user_of_the_accounts_keeps_one(target: TargetProcess, tmp_path: Path) -> None:
    (use,) = boom("parameters/testcases/accounts.yml", target, tmp_path, "-u", "3", "--loops", "9")[
        "parameters"
    ]
    assert use == {
        "case": "accounts",
        "names": ["user", "level"],
        "rows": 3,
        "used": {"min": 1, "mean": 1.0, "max": 1, "total": 3},
        "unused": 0,
    }


def test_more_users_than_accounts_are_refused_before_the_load(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = "parameters/testcases/accounts.yml"
    flags = [*based(case, target), "-u", "4", "-i", "4"]
    ended = run_cli("boom", EXAMPLES / case, *flags, cwd=tmp_path)
    assert ended.code == 2, ended
    assert "3 unique rows cannot be kept by 4 users" in ended.err
    assert target.stats()["requests"] == 0


def test_more_users_than_accounts_share_them_if_rows_are_recycled(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = "parameters/testcases/accounts.yml"
    (use,) = boom(case, target, tmp_path, "-u", "4", "--loops", "2", "--on-data-end", "recycle")[
        "parameters"
    ]
    assert use["used"] == {"min": 1, "mean": 1.333, "max": 2, "total": 4}


def test_the_shop_looks_at_the_items_of_its_rows(target: TargetProcess, tmp_path: Path) -> None:
    boom("demo/testcases/shop.yml", target, tmp_path, "-i", "3")
    paths = target.stats()["by_path"]
    assert {path for path in paths if path.startswith("/api/items/")} == {
        "/api/items/3",
        "/api/items/14",
        "/api/items/25",
    }


def test_users_of_the_sale_meet(target: TargetProcess, tmp_path: Path) -> None:
    report = boom("rendezvous/sale.yml", target, tmp_path, "-u", "5", "--loops", "1")
    (rush,) = (one for one in report["transactions"] if one["name"] == "rush")
    assert rush["ok"] == 5
    assert target.stats()["by_path"]["/api/items/7"] == 15


def test_users_of_the_sale_log_in_once(target: TargetProcess, tmp_path: Path) -> None:
    report = boom("login_once/visit.yml", target, tmp_path, "-u", "3", "--loops", "4")

    issued = {step["name"]: step["issued"] for step in report["steps"]}
    assert (issued["open the sale"], issued["log in"], issued["close the sale"]) == (1, 3, 1)
    assert issued["look at the item"] == issued["put it into the cart"] == 12
