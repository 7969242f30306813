"""Test `boomtalk run`: the steps that run, the output, and the exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.http.scripted_server import OK
from tests.support.boomtalk_cli import run_cli
from tests.support.processes import Auditor

from .servers import json_answer, play

STEPS = """
config: {name: shop, base_url: $URL, parameters: {user: [ann, bob]}}
teststeps:
  - {name: first, request: {method: GET, url: /first/$user}, validate: [{eq: [status_code, 200]}]}
  - {name: second, request: {method: GET, url: /second}}
"""
SCRIPT = {b"/first/ann": json_answer(b"{}", status=b"500 No"), b"/first/bob": OK, b"/second": OK}


def lines(out: str) -> list[list[str]]:
    """Return the result and the first word of the name of each step."""
    found = re.findall(r"^  (ok|failed|skipped) +(\S+).* ms$", out, re.MULTILINE)
    return [list(words) for words in found]


def test_a_failed_step_ends_its_row_and_later_rows_run(tmp_path: Path) -> None:
    ended, server = play(tmp_path, "run", "case.yml", script=SCRIPT, case=STEPS)
    assert ended.code == 1, ended
    assert lines(ended.out) == [["failed", "first"], ["ok", "first"], ["ok", "second"]]
    assert [asked.line.split()[1] for asked in server.asked] == [
        b"/first/ann",
        b"/first/bob",
        b"/second",
    ]
    assert "cases: 1 of 2 passed   steps: 2 passed, 1 failed" in ended.out


def test_with_c_the_steps_after_a_failure_run_too_and_the_run_still_fails(tmp_path: Path) -> None:
    ended, _ = play(tmp_path, "run", "-c", "case.yml", script=SCRIPT, case=STEPS)
    assert ended.code == 1, ended
    assert [step for _, step in lines(ended.out)] == ["first", "second"] * 2


def test_later_cases_run_after_a_failed_one(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "config: {name: a}\nteststeps: [{name: dead, request: {method: GET, url: http://127.0.0.1:1}}]"
    )
    case = "config: {name: b}\nteststeps: [{name: alive, request: {method: GET, url: $URL/}}]"
    ended, _ = play(tmp_path, "run", "a.yml", "case.yml", script={b"/": OK}, case=case)
    assert (ended.code, lines(ended.out)) == (1, [["failed", "dead"], ["ok", "alive"]])


def test_a_failure_shows_check_expected_actual_and_a_curl_command(tmp_path: Path) -> None:
    case = """
    config: {name: c}
    teststeps:
      - name: ask
        request: {method: POST, url: $URL/, headers: {X-A: "it's"}, json: {a: 1}}
        validate: [{eq: [body.n, 2, "the number"]}, {eq: [body.s, "[red]x"]}, {eq: [body.n, 1]}]
    """
    answer = json_answer(b'{"n":1,"s":"\\u001b[31m"}')
    ended, server = play(tmp_path, "run", "case.yml", script={b"/": answer}, case=case)
    told = " ".join(ended.out.split())
    assert "check body.n eq expected 2 actual 1 the number" in told
    # All checks run; text from outside is neither markup nor an escape code.
    assert 'check body.s eq expected "[red]x" actual "\\u001b[31m"' in told
    assert "\x1b" not in ended.out
    curl = next(line.strip() for line in ended.out.splitlines() if "curl " in line)
    assert curl.startswith(f"curl -X POST {server.url}/ -H 'X-A: it'\"'\"'s'")
    assert curl.endswith("--data-raw '{\"a\":1}'")


def test_a_passing_run_dumps_nothing_unless_asked(tmp_path: Path) -> None:
    case = "config: {name: c}\nteststeps: [{name: s, request: {method: GET, url: $URL/}}]"
    quiet, _ = play(tmp_path, "run", "case.yml", script={b"/": OK}, case=case)
    assert (quiet.code, "> GET" in quiet.out, "< 200" in quiet.out) == (0, False, False)
    loud, _ = play(tmp_path, "run", "-v", "case.yml", script={b"/": OK}, case=case)
    assert (loud.code, "> GET" in loud.out, "< 200" in loud.out) == (0, True, True)
    silent, _ = play(tmp_path, "run", "-q", "case.yml", script={b"/": OK}, case=case)
    assert (silent.code, silent.out, silent.err) == (0, "", "")


def test_each_row_starts_with_fresh_variables_and_cookies(tmp_path: Path) -> None:
    case = """
    config: {name: c, base_url: $URL, variables: {seen: none}, parameters: {n: [1, 2]}}
    teststeps:
      - {name: first, request: {method: GET, url: /, headers: {X-Seen: $seen}}}
      - {name: set, request: {method: GET, url: /set}, extract: {seen: cookies.sid}}
      - {name: last, request: {method: GET, url: /, headers: {X-Seen: $seen}}}
    """
    script = {b"/": OK, b"/set": json_answer(b"", b"Set-Cookie: sid=one")}
    ended, server = play(tmp_path, "run", "case.yml", script=script, case=case)
    assert ended.code == 0, ended
    told = [(one.header(b"x-seen"), one.header(b"cookie")) for one in server.asked]
    assert told == [(b"none", None), (None, None), (b"one", b"sid=one")] * 2


def test_every_kind_of_step_has_a_line_and_a_skipped_one_says_so(tmp_path: Path) -> None:
    (tmp_path / "child.yml").write_text(
        "config: {name: child}\nteststeps: [{name: inner, request: {method: GET, url: /}}]"
    )
    case = """
    config: {name: c, base_url: $URL}
    teststeps:
      - {transaction: {name: t, type: start}}
      - {name: call, testcase: child.yml, loops: 2}
      - {name: pause, think_time: 0}
      - {name: meet, rendezvous: {name: all}}
      - {name: not_now, skip: later, request: {method: GET, url: /}}
    """
    ended, server = play(tmp_path, "run", "case.yml", script={b"/": OK}, case=case)
    assert ended.code == 0, ended
    assert lines(ended.out) == [
        ["ok", "transaction"],
        ["ok", "call"],
        ["ok", "call"],
        ["ok", "pause"],
        ["ok", "meet"],
        ["skipped", "not_now"],
    ]
    assert "call - inner" in ended.out
    assert len(server.asked) == 2


def test_a_failure_inside_a_reference_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "child.yml").write_text(
        "config: {name: child}\nteststeps: [{name: inner, request: {method: GET, url: /no}}]"
    )
    case = """
    config: {name: c, base_url: "http://127.0.0.1:1"}
    teststeps: [{name: call, testcase: child.yml}, {name: never, think_time: 0}]
    """
    ended, _ = play(tmp_path, "run", "case.yml", script={}, case=case)
    assert (ended.code, lines(ended.out)) == (1, [["failed", "call"]])


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("broken.yml", "config: [", 2),
        ("undefined.yml", "config: {}\nteststeps: [{think_time: $no}]", 2),
        ("missing.yml", None, 2),
    ],
)
def test_what_cannot_run_is_exit_2(tmp_path: Path, name: str, text: str | None, code: int) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    for command in ("run", "check"):
        ended = run_cli(command, name, cwd=tmp_path)
        assert (ended.code, ended.out) == (code, ""), ended
        assert name in ended.err
        assert "Traceback" not in ended.err


def test_the_problems_of_files_and_of_expressions_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("config: {name: a}\nteststeps: [{think_time: $no}]")
    (tmp_path / "b.yml").write_text("config: {name: b}\nteststeps: [{name: s, request: {url: /}}]")
    (tmp_path / "c.yml").write_text('config: {}\nteststeps: [{think_time: "${nowhere()}"}]')
    for command in ("run", "boom", "check"):
        ended = run_cli(command, "a.yml", "b.yml", "c.yml", cwd=tmp_path)
        assert ended.code == 2, ended
        for told in ("$no is not defined", "a request needs method", "unknown function nowhere"):
            assert ended.err.count(told) == 1, ended


def test_a_plugin_that_cannot_start_is_exit_3(tmp_path: Path, no_leftovers: Auditor) -> None:
    (tmp_path / "debugtalk.py").write_text("raise RuntimeError('no')")
    (tmp_path / "case.yml").write_text("config: {name: c}\nteststeps: [{think_time: 0}]")
    for command in ("run", "check"):
        ended = run_cli(command, "case.yml", cwd=tmp_path)
        assert ended.code == 3, ended


def test_functions_of_debugtalk_work_in_hooks_and_checks(
    tmp_path: Path, no_leftovers: Auditor
) -> None:
    (tmp_path / "debugtalk.py").write_text(
        "def sign(request):\n"
        "    request['headers']['X-Sign'] = 'signed'\n"
        "    return request\n"
        "def is_two(actual, expected):\n"
        "    assert actual == 2, 'not two'\n"
    )
    case = """
    config: {name: c}
    teststeps:
      - name: s
        setup_hooks: ["${sign($request)}"]
        request: {method: GET, url: $URL/}
        validate: [{is_two: [body.n, 0]}]
      - name: t
        request: {method: GET, url: $URL/}
        validate: [{is_two: [body.m, 0]}]
    """
    answer = json_answer(b'{"n":2,"m":3}')
    ended, server = play(tmp_path, "run", "case.yml", script={b"/": answer}, case=case)
    assert (ended.code, lines(ended.out)) == (1, [["ok", "s"], ["failed", "t"]]), ended
    assert server.asked[0].header(b"x-sign") == b"signed"
    assert "not two" in ended.out


def test_the_name_of_a_step_is_shown_with_its_variables(tmp_path: Path) -> None:
    case = """
    config: {name: c, base_url: $URL, parameters: {user: [ann, bob]}}
    teststeps:
      - {name: "$user-asks", request: {method: GET, url: /}}
      - {name: "$unknown-$user", think_time: 0}
    """
    ended, _ = play(tmp_path, "run", "case.yml", script={b"/": OK}, case=case)
    assert ended.code == 0, ended
    assert [name for _, name in lines(ended.out)] == [
        "ann-asks",
        "$unknown-$user",
        "bob-asks",
        "$unknown-$user",
    ]


def test_a_function_that_raises_is_told_with_the_line_it_stands_on(tmp_path: Path) -> None:
    (tmp_path / "debugtalk.py").write_text("def broken():\n    return {}['lost']\n")
    case = """
    config: {name: c, base_url: $URL}
    teststeps:
      - {name: s, request: {method: GET, url: "/${broken()}"}}
      - {name: t, setup_hooks: ["${broken()}"], request: {method: GET, url: /}}
    """
    words = ("run", "case.yml", "-c", "--junit", "j.xml")
    ended, server = play(tmp_path, *words, script={b"/": OK}, case=case)
    assert (ended.code, server.asked) == (1, []), ended
    shown = [line.strip() for line in ended.out.splitlines()]
    at = shown.index("plugin_error KeyError: broken: KeyError: 'lost'")
    assert shown[at + 1].endswith('debugtalk.py", line 2, in broken')
    assert shown[at + 2] == "return {}['lost']"
    assert shown.count("return {}['lost']") == 2
    junit = (tmp_path / "j.xml").read_text()
    assert "message=\"plugin_error KeyError: broken: KeyError: 'lost'\"" in junit
    assert "line 2, in broken" in junit


def test_a_target_that_is_down_is_told_in_words(tmp_path: Path) -> None:
    case = "config: {name: c}\nteststeps: [{request: {method: GET, url: http://127.0.0.1:1}}]\n"
    (tmp_path / "case.yml").write_text(case)

    ended = run_cli("run", "case.yml", "--junit", "j.xml", cwd=tmp_path)

    told = "connect refused: target refuses connections at 127.0.0.1:1: is it running?"
    assert ended.code == 1, ended
    assert told in ended.out
    assert told in (tmp_path / "j.xml").read_text()


def test_a_run_that_sent_nothing_says_so(tmp_path: Path) -> None:
    step = "{skip: true, request: {method: GET, url: http://127.0.0.1:1}}"
    (tmp_path / "case.yml").write_text(f"config: {{name: c}}\nteststeps: [{step}]\n")

    ended = run_cli("run", "case.yml", "--html", "page.html", cwd=tmp_path)

    assert ended.code == 0, ended
    assert ended.out.splitlines()[-1].startswith("nothing sent  cases: 1 of 1 passed")
    assert '<span class="skipped">nothing sent</span></h1>' in (tmp_path / "page.html").read_text()
