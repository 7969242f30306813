"""Test requests that a load test keeps in full, and that `report --curl` prints."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
import pytest
from boomtalk.examples.shop import PASSWORD
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli
from tests.support.waiting import PATIENCE

CASE = """
config:
  name: shop
  variables: {sku: "7", password: very-secret}
teststeps:
  - name: look
    request: {method: GET, url: /, headers: {X-Plain: shown, Authorization: Bearer very-secret}}
  - name: buy
    request: {method: POST, url: "/echo?sku=$sku", json: {sku: $sku, key: $API}}
    extract: {found: body.json.sku}
    validate: [{eq: [status_code, 201]}]
"""


@pytest.fixture
def record(target: TargetProcess, tmp_path: Path) -> list[dict[str, Any]]:
    case, out = tmp_path / "case.yml", tmp_path / "out"
    case.write_text(CASE)
    flags = ("-i", "20", "-e", "API=from-the-environment", "--out", out)
    ended = run_cli("boom", case, "--base-url", target.url, *flags)
    assert ended.code == 0, ended
    lines = (out / "record.jsonl").read_text().splitlines()
    return [line for line in map(orjson.loads, lines) if line["record"] == "sample"]


def test_the_first_failures_of_a_kind_are_kept_with_all_that_led_to_them(
    record: list[dict[str, Any]],
) -> None:
    failed = [sample for sample in record if sample["why"] == "failed"]

    assert len(failed) == 3
    first = failed[0]
    assert (first["kind"], first["step"]) == ("check", "buy")
    assert "status_code" in first["message"]
    assert first["request"]["method"] == "POST"
    assert '"sku":"7"' in first["request"]["body"]
    assert first["response"]["status"] == 200
    assert "sku" in first["response"]["body"]
    assert first["variables"]["sku"] == "7"
    assert first["latency_ms"] > 0


def test_the_slowest_requests_are_kept_the_slowest_first(record: list[dict[str, Any]]) -> None:
    slow = [sample for sample in record if sample["why"] == "slow"]

    assert len(slow) == 5
    assert {sample["step"] for sample in slow} == {"look"}
    latencies = [sample["latency_ms"] for sample in slow]
    assert latencies == sorted(latencies, reverse=True)


def test_no_secret_is_kept(record: list[dict[str, Any]]) -> None:
    text = orjson.dumps(record).decode()

    assert "very-secret" not in text
    assert "from-the-environment" not in text
    assert "shown" in text


def test_a_kept_request_can_be_sent_again(
    record: list[dict[str, Any]], target: TargetProcess, tmp_path: Path
) -> None:
    assert record
    ended = run_cli("report", tmp_path / "out", "--curl", "4")
    assert ended.code == 0, ended
    lines = ended.out.splitlines()
    assert [line.startswith("# shop / buy at") for line in lines[0:6:2]] == [True] * 3
    assert "slow" in lines[6]
    before = target.stats()["requests"]

    words = iter(shlex.split(lines[1]))
    assert (next(words), next(words), next(words)) == ("curl", "-X", "POST")
    url, options = next(words), list(words)
    pairs = list(pairwise(options))
    headers = dict(value.split(": ", 1) for flag, value in pairs if flag == "-H")
    (body,) = (value for flag, value in pairs if flag == "--data-raw")
    with urlopen(Request(url, body.encode(), headers), timeout=PATIENCE) as response:
        told = orjson.loads(response.read())

    assert target.stats()["requests"] == before + 1
    assert '"sku":"7"' in str(told)


def test_a_request_that_could_not_be_built_is_kept_without_one(
    target: TargetProcess, tmp_path: Path
) -> None:
    case, out = tmp_path / "case.yml", tmp_path / "out"
    case.write_text(
        "config: {name: a}\nteststeps:\n"
        "  - {name: one, request: {method: GET, url: /, params: {x: '${raise_it()}'}}}\n"
    )
    (tmp_path / "debugtalk.py").write_text("def raise_it():\n    raise KeyError('gone')\n")
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--out", out)
    assert ended.code == 0, ended
    lines = map(orjson.loads, (out / "record.jsonl").read_text().splitlines())
    (sample,) = [line for line in lines if line["record"] == "sample"]
    assert (sample["request"], sample["response"], sample["curl"]) == (None, None, None)
    assert "gone" in sample["message"]

    ended = run_cli("report", out, "--curl", "3")

    assert ended.out == "# no request was kept\n"


def test_a_kept_request_has_the_cookies_that_went_with_it_and_not_those_that_came_back(
    target: TargetProcess, tmp_path: Path
) -> None:
    case, out = tmp_path / "case.yml", tmp_path / "out"
    case.write_text(
        "config: {name: a}\nteststeps:\n"
        "  - name: first\n    request: {method: POST, url: /api/login, json: {user: bob,"
        f" password: '{PASSWORD}'}}}}\n    validate: [{{eq: [status_code, 200]}}]\n"
        "  - {name: second, request: {method: GET, url: /echo}}\n"
    )
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--out", out)
    assert ended.code == 0, ended
    lines = map(orjson.loads, (out / "record.jsonl").read_text().splitlines())
    curls = {line["step"]: line["curl"] for line in lines if line["record"] == "sample"}

    assert "-b" not in shlex.split(curls["first"])
    assert "-b" in shlex.split(curls["second"])
