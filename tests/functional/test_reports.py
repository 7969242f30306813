"""Test the files that `boomtalk run` writes, and that secrets never get into them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.http.scripted_server import OK, Answer
from tests.support.boomtalk_cli import Ended

from .servers import json_answer, play

CASE = """
config: {name: shop <b>, base_url: $URL, export: [id], parameters: {user: [ann, bob]}}
teststeps:
  - name: "login <script>alert(1)</script>"
    request: {method: POST, url: /login, json: {user: $user}}
    extract: {id: body.id}
    validate: [{eq: [status_code, 200]}, {eq: [body.id, 18446744073709551617, "big"]}]
  - {name: "pause\\x07", think_time: 0}
  - name: fail
    request: {method: GET, url: /plain}
    validate: [{eq: [body, "</pre><script>alert(2)</script>"]}]
"""
SCRIPT: dict[bytes, Answer] = {
    b"/login": json_answer(b'{"id":18446744073709551617,"odd":"\\ud800"}'),
    b"/plain": json_answer(b"\x00\x1b[31m<script>alert(3)</script>"),
}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    ended, _ = play(
        tmp_path,
        *("run", "case.yml", "-q", "--json", "s.json", "--html", "r.html", "--junit", "j.xml"),
        script=SCRIPT,
        case=CASE,
    )
    assert ended.code == 1, ended
    return tmp_path


def test_the_summary_has_the_names_that_readers_of_hrp_expect(reports: Path) -> None:
    summary = json.loads((reports / "s.json").read_text())
    assert summary["success"] is False
    assert summary["stat"] == {
        "testcases": {"total": 2, "success": 0, "fail": 2},
        "teststeps": {"total": 6, "successes": 4, "failures": 2},
    }
    assert set(summary["time"]) == {"start_at", "duration"}
    detail = summary["details"][0]
    assert set(detail) >= {"name", "success", "stat", "time", "in_out", "records"}
    assert detail["in_out"]["export_vars"] == {"id": 18446744073709551617}
    assert detail["in_out"]["config_vars"]["user"] == "ann"
    login, pause, fail = detail["records"]
    assert (login["step_type"], pause["step_type"]) == ("request", "thinktime")
    assert login["export_vars"] == {"id": 18446744073709551617}
    assert login["data"]["req_resps"]["request"]["body"] == {"user": "ann"}
    assert login["data"]["req_resps"]["response"]["status_code"] == 200
    assert login["data"]["validators"][1] == {
        "check": "body.id",
        "assert": "eq",
        "expect": 18446744073709551617,
        "msg": "big",
        "check_value": 18446744073709551617,
        "check_result": "pass",
    }
    assert "data" not in pause
    assert (fail["success"], fail["data"]["validators"][0]["check_result"]) == (False, "fail")
    assert fail["attachments"].startswith("check: body eq")


def test_junit_tells_each_step_and_stays_xml_whatever_the_server_says(reports: Path) -> None:
    suites = ElementTree.parse(reports / "j.xml").getroot()
    suite = suites[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert suite.get("name") == "shop <b> [row 1]"
    names = [case.get("name") for case in suite]
    assert names == ["login <script>alert(1)</script>", "pause\ufffd", "fail"]
    failure = suite[2].find("failure")
    assert failure is not None
    assert "body eq" in (failure.get("message") or "")


def test_a_report_on_stdout_stands_there_alone(tmp_path: Path) -> None:
    case = "config: {name: c}\nteststeps: [{name: s, request: {method: GET, url: $URL/}}]"
    ended, _ = play(tmp_path, "run", "case.yml", "--json", "-", script={b"/": OK}, case=case)
    assert json.loads(ended.out)["success"] is True
    assert "1 of 1 passed" in ended.err


def test_hrps_flags_write_where_hrp_writes(tmp_path: Path) -> None:
    case = "config: {name: c}\nteststeps: [{think_time: 0}]"
    ended, _ = play(tmp_path, "run", "case.yml", "-s", "-g", "-q", script={}, case=case)
    assert ended.code == 0, ended
    (folder,) = (tmp_path / "results").iterdir()
    assert re.fullmatch(r"\d{14}", folder.name)
    assert {path.name for path in folder.iterdir()} == {"summary.json", "report.html"}


def test_a_file_that_cannot_be_written_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    case = "config: {name: c}\nteststeps: [{name: s, request: {method: GET, url: $URL/}}]"
    for flag in ("--json", "--html", "--junit", "--log-file"):
        ended, server = play(tmp_path, "run", "case.yml", flag, ".", script={b"/": OK}, case=case)
        assert (ended.code, server.asked) == (2, []), ended


SECRETS = {
    "FROM_ENV": "env-secret-1",
    "in a header": "header-secret-2",
    "in a cookie": "cookie-secret-3",
    "in the body": "body-secret-4",
    "in the query": "query-secret-5",
    "in the answer": "answer-secret-6",
    "in userinfo": "userinfo-secret-7",
    "on the command line": "flag-secret-8",
}
SECRET_CASE = """
config: {name: c}
teststeps:
  - name: s
    request:
      method: POST
      url: "$URL/?access_token=query-secret-5&x=1"
      headers: {Authorization: Bearer header-secret-2, X-Plain: "${ENV(FROM_ENV)}"}
      cookies: {sid: cookie-secret-3}
      json: {password: body-secret-4, plain: "${ENV(FLAG)}"}
    extract: {token: body.token}
    validate:
      - eq: [body.token, other]
      - eq: [body.plain, "${ENV(FROM_ENV)}"]
  - {name: t, request: {method: GET, url: "http://me:userinfo-secret-7@127.0.0.1:1/"}}
"""


def texts_of(folder: Path, ended: Ended) -> dict[str, str]:
    """Return all output of a run, by file and stream."""
    given = (".env", "case.yml", "debugtalk.py")
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in given]
    written = {path.name: path.read_text() for path in files}
    return {"stdout": ended.out, "stderr": ended.err, **written}


@pytest.mark.parametrize(
    "words",
    [
        ("run", "-c", "-v", "--json", "s.json", "--html", "r.html", "--junit", "j.xml"),
        ("boom", "-i", "3", "--json", "s.json"),
    ],
    ids=["run", "boom"],
)
def test_no_secret_is_shown_or_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / ".env").write_text(f"FROM_ENV={SECRETS['FROM_ENV']}")
    (tmp_path / "debugtalk.py").write_text(f"print({SECRETS['FROM_ENV']!r})")
    answer: dict[str, Any] = {"token": SECRETS["in the answer"], "plain": SECRETS["FROM_ENV"] + "x"}
    script = json_answer(json.dumps(answer).encode(), b"Set-Cookie: sid=cookie-secret-3")
    ended, server = play(
        tmp_path,
        *(*words, "case.yml", "--log-level", "debug", "--log-file", "run.log"),
        *("-e", "FLAG=flag-secret-8", "--no-color"),
        script={b"/?access_token=query-secret-5&x=1": script},
        case=SECRET_CASE,
    )
    assert server.asked[0].header(b"authorization") == b"Bearer header-secret-2"
    assert b"body-secret-4" in server.asked[0].body
    texts = texts_of(tmp_path, ended)
    assert {"run.log", "s.json"} <= texts.keys()
    leaks = [
        (where, what)
        for where, text in texts.items()
        for what, secret in SECRETS.items()
        if secret in text
    ]
    assert leaks == []
