"""Test steps that run once per user or once per run: what is sent, kept, counted and refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from boomtalk.engine import ArrivalRate, HttpOptions, Load, Ramp

from tests.functional.servers import json_answer
from tests.http.scripted_server import OK, Answer, Asked, ScriptedServer

from .bench import Bench, assert_balanced, errors_of, rows_of
from .outcome import case_of, told

USERS = Load(Ramp(3), loops=4)


def get(path: str, **others: Any) -> dict[str, Any]:
    return {"name": path, "request": {"method": "GET", "url": path}, **others}


def paths_of(server: ScriptedServer) -> list[str]:
    return [asked.line.split()[1].decode() for asked in server.asked]


def numbered(*headers: bytes) -> Answer:
    """Return an answer that gives each request another number, in the body and in a cookie."""
    number = 0

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        number += 1
        cookie = b"Set-Cookie: sid=s%d" % number
        writer.write(json_answer(b'{"n": %d}' % number, cookie, *headers))

    return answer


LOGIN = get("/login", once="user", extract={"token": "body.n"})
PAGE = {
    "name": "page",
    "request": {"method": "GET", "url": "/page", "headers": {"X-Token": "$token"}},
}


def tokens_of(server: ScriptedServer) -> Counter[tuple[bytes | None, bytes | None]]:
    """Return how often each pair of token and cookie came with a page."""
    pages = [asked for asked in server.asked if b"/page" in asked.line]
    return Counter((asked.header(b"X-Token"), asked.header(b"Cookie")) for asked in pages)


@pytest.mark.parametrize("keep", [False, True], ids=["fresh cookies", "--keep-cookies"])
def test_a_user_logs_in_once_and_keeps_value_and_cookie(bench: Bench, keep: bool) -> None:
    bench.http = HttpOptions(timeout=10, keep_cookies=keep)
    outcome, server = bench.load(case_of(LOGIN, PAGE), {b"/login": numbered(), b"/page": OK}, USERS)

    assert tokens_of(server) == {(b"%d" % n, b"sid=s%d" % n): 4 for n in (1, 2, 3)}
    assert rows_of(outcome) == {"/login": (3, 3, 0, 0), "page": (12, 12, 0, 0)}
    assert outcome.snapshot.iterations.completed == 12
    assert_balanced(outcome)


def test_cookies_that_later_steps_set_are_fresh_in_each_iteration(bench: Bench) -> None:
    cart = json_answer(b"{}", b"Set-Cookie: cart=1")
    script = {b"/login": numbered(), b"/page": OK, b"/cart": cart}
    _, server = bench.load(case_of(LOGIN, PAGE, get("/cart"), PAGE), script, Load(Ramp(1), loops=3))

    cookies = [asked.header(b"Cookie") for asked in server.asked if b"/page" in asked.line]
    assert cookies == [b"sid=s1", b"sid=s1; cart=1"] * 3


def test_users_of_an_open_load_log_in_once_each(bench: Bench) -> None:
    load = Load(ArrivalRate(200.0, max_users=4), duration=0.3)
    outcome, server = bench.load(case_of(LOGIN, PAGE), {b"/login": numbered(), b"/page": OK}, load)

    rows = rows_of(outcome)
    assert 1 <= rows["/login"][0] <= 4
    assert len(tokens_of(server)) == rows["/login"][0]
    assert rows["page"][0] == outcome.snapshot.iterations.completed > 4
    assert_balanced(outcome)


def test_a_login_that_fails_is_counted_and_tried_again_in_the_next_iteration(bench: Bench) -> None:
    answers = [b"500 No", b"500 No", b"200 OK"]

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(json_answer(b'{"n": 1}', status=answers.pop(0)))

    login = {**LOGIN, "validate": [{"eq": ["status_code", 200]}]}
    first = get("/first", once="user")
    script = {b"/first": OK, b"/login": answer, b"/page": OK}
    outcome, _ = bench.load(case_of(first, login, PAGE), script, Load(Ramp(1), loops=5))

    # The step that had passed is not sent again.
    rows = {"/first": (1, 1, 0, 0), "/login": (3, 1, 2, 0), "page": (3, 3, 0, 0)}
    assert rows_of(outcome) == rows
    assert errors_of(outcome) == [("check", "/login", 2)]
    assert outcome.snapshot.iterations.failed == 2
    assert outcome.snapshot.iterations.completed == 3


def slow(seconds: float) -> Answer:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(json_answer(b'{"n": 1}'))

    return answer


@pytest.mark.parametrize("how", ["step", "in a reference"])
def test_the_time_of_a_login_is_in_no_transaction(bench: Bench, how: str) -> None:
    bench.write("proj.json", "{}")
    bench.write("login.yml", case_of(LOGIN, base_url=""))
    login = LOGIN if how == "step" else {"name": "in", "testcase": "login.yml"}
    around = [{"transaction": {"name": "all", "type": edge}} for edge in ("start", "end")]
    script = {b"/login": slow(0.5), b"/page": OK}
    steps = [around[0], login, get("/page"), around[1]]
    outcome, _ = bench.load(case_of(*steps), script, Load(Ramp(1), loops=2))

    spans = {span.name: span.duration for span in outcome.snapshot.transactions}
    assert [spans[name].count for name in ("Action", "all")] == [2, 2]
    assert max(spans["Action"].high, spans["all"].high) < 0.5
    (login_row,) = (row for row in outcome.snapshot.steps if row.name.endswith("/login"))
    assert login_row.issued == 1
    assert login_row.latency.high >= 0.5


def test_a_login_within_a_reference_runs_once_and_its_value_stays_there(bench: Bench) -> None:
    bench.write("proj.json", "{}")
    bench.write("pages.yml", case_of(LOGIN, PAGE, base_url="", export=["token"]))
    steps = [{"name": "pages", "testcase": "pages.yml", "export": ["token"]}, PAGE]
    outcome, server = bench.load(
        case_of(*steps), {b"/login": numbered(), b"/page": OK}, Load(Ramp(2), loops=3)
    )

    assert rows_of(outcome)["pages - /login"] == (2, 2, 0, 0)
    assert tokens_of(server) == {(b"1", b"sid=s1"): 6, (b"2", b"sid=s2"): 6}


def test_a_whole_case_can_be_the_login(bench: Bench) -> None:
    bench.write("proj.json", "{}")
    inner = {k: v for k, v in LOGIN.items() if k != "once"}
    bench.write("login.yml", case_of(get("/form"), inner, base_url="", export=["token"]))
    steps = [{"name": "log in", "testcase": "login.yml", "once": "user"}, PAGE]
    script = {b"/form": OK, b"/login": numbered(), b"/page": OK}
    outcome, server = bench.load(case_of(*steps), script, USERS)

    assert rows_of(outcome)["log in - /form"] == (3, 3, 0, 0)
    assert tokens_of(server) == {(b"%d" % n, b"sid=s%d" % n): 4 for n in (1, 2, 3)}


def test_each_user_logs_in_with_the_account_that_it_keeps(bench: Bench) -> None:
    login = {"name": "log in", "once": "user", "request": {"method": "GET", "url": "/in/$who"}}
    page = {"name": "page", "request": {"method": "GET", "url": "/page/$who"}}
    names = ["amy", "bob", "eve"]
    setting = {"pick_order": "unique", "per": "user"}
    case = case_of(login, page, parameters={"who": names}, parameters_setting=setting)
    script = {f"/{kind}/{who}".encode(): OK for kind in ("in", "page") for who in names}
    _, server = bench.load(case, script, USERS)

    asked = Counter(paths_of(server))
    assert asked == {**{f"/in/{n}": 1 for n in names}, **{f"/page/{n}": 4 for n in names}}


SETUP = [
    get("/end/$id", name="drop", once="end"),
    get("/page/$id", name="page"),
    get("/make", once="run", extract={"id": "body.n"}),
    get("/fill/$id", name="fill", once="run"),
]
MADE = json_answer(b'{"n": 1}', b"Set-Cookie: sid=s1")
RUN: dict[bytes, Answer] = {b"/make": MADE, b"/fill/1": OK, b"/page/1": OK, b"/end/1": OK}


def test_run_steps_come_first_and_end_steps_last_with_what_the_first_ones_gave(
    bench: Bench,
) -> None:
    outcome, server = bench.load(case_of(*SETUP), RUN, Load(Ramp(2), loops=3))

    assert paths_of(server) == ["/make", "/fill/1", *["/page/1"] * 6, "/end/1"]
    rows = {"/make": 1, "fill": 1, "page": 6, "drop": 1}
    assert {row.name: row.issued for row in outcome.snapshot.steps} == rows
    assert list(rows_of(outcome)) == list(rows)
    assert outcome.snapshot.iterations.started == 6
    (action,) = outcome.snapshot.transactions
    assert action.ok == 6
    assert outcome.wire.requests == 9
    assert_balanced(outcome)


def test_cookies_of_run_steps_go_to_end_steps_but_not_to_users(bench: Bench) -> None:
    _, server = bench.load(case_of(*SETUP), RUN, Load(Ramp(2), loops=2))

    sent = {asked.line.split()[1].decode(): asked.header(b"Cookie") for asked in server.asked}
    assert sent == {"/make": None, "/fill/1": b"sid=s1", "/page/1": None, "/end/1": b"sid=s1"}


def test_a_run_step_that_fails_prevents_the_load(bench: Bench) -> None:
    failing = {**RUN, b"/fill/1": json_answer(b"{}", status=b"500 No")}
    steps = [*SETUP[:3], {**SETUP[3], "validate": [{"eq": ["status_code", 200]}]}, get("/last")]
    outcome, server = bench.load(case_of(*steps), failing, Load(Ramp(5), loops=3))

    # What was made before it is removed again.
    assert paths_of(server) == ["/make", "/fill/1", "/end/1"]
    assert outcome.stopped_by == "setup"
    assert outcome.snapshot.iterations.started == 0
    assert errors_of(outcome) == [("check", "fill", 1)]
    assert_balanced(outcome)


def test_an_end_step_that_fails_keeps_no_other_from_running(bench: Bench) -> None:
    ends = [get("/a", once="end", validate=[{"eq": ["status_code", 201]}]), get("/b", once="end")]
    outcome, server = bench.load(case_of(get("/"), *ends), dict.fromkeys((b"/", b"/a", b"/b"), OK))

    assert paths_of(server) == ["/", "/a", "/b"]
    assert outcome.stopped_by == "iterations"
    assert errors_of(outcome) == [("check", "/a", 1)]
    assert_balanced(outcome)


def test_functions_are_called_once_per_run_too(bench: Bench) -> None:
    made = iter(range(100))
    bench.functions["make"] = lambda: next(made)
    steps = [
        get("/make", once="run", variables={"id": "${make()}"}, extract={"id": "$id"}),
        get("/page/$id", name="page"),
    ]
    script = {b"/make": OK, b"/page/0": OK}
    outcome, server = bench.load(case_of(*steps), script, Load(Ramp(2), loops=2))

    assert paths_of(server) == ["/make", *["/page/0"] * 4]
    assert outcome.snapshot.accounting.failed == outcome.snapshot.accounting.not_issued == 0


def test_a_functional_run_has_each_step_once_at_its_place(bench: Bench) -> None:
    results, server = bench.run(
        case_of(*SETUP[:2], get("/in", once="user"), *SETUP[2:]), {**RUN, b"/in": OK}
    )

    assert results.passed
    assert paths_of(server) == ["/make", "/fill/1", "/page/1", "/in", "/end/1"]
    (row,) = results.rows
    assert [trace.name for trace in row.traces] == ["/make", "fill", "page", "/in", "drop"]


def test_a_functional_run_of_several_rows_runs_them_before_and_after_all(bench: Bench) -> None:
    row = get("/row/$n", name="row")
    case = case_of(*SETUP, get("/in", once="user"), row, parameters={"n": [7, 8]})
    results, server = bench.run(case, {**RUN, b"/in": OK, b"/row/7": OK, b"/row/8": OK})

    each = [["/page/1", "/in", f"/row/{n}"] for n in (7, 8)]
    assert paths_of(server) == ["/make", "/fill/1", *each[0], *each[1], "/end/1"]
    assert [len(row.traces) for row in results.rows] == [5, 4]


def test_a_functional_run_without_its_first_steps_says_so_for_each_row(bench: Bench) -> None:
    broken = {**RUN, b"/make": json_answer(b"{}", status=b"500 No")}
    steps = [*SETUP[:2], {**SETUP[2], "validate": [{"eq": ["status_code", 200]}]}]
    results, server = bench.run(
        case_of(*steps, parameters={"n": [7, 8]}), {**broken, b"/end/null": OK, b"/end/None": OK}
    )

    assert not results.passed
    assert paths_of(server)[:1] == ["/make"]
    assert not any("/page" in path for path in paths_of(server))
    first, second = results.rows
    assert not first.traces[0].passed
    assert second.failure is not None
    assert "step '/make' (once: run) failed" in second.failure.message


@pytest.mark.parametrize("once", ["run", "end"])
def test_a_parameter_in_a_step_outside_of_iterations_is_told(bench: Bench, once: str) -> None:
    problem = told(bench, case_of(get("/$who", once=once), parameters={"who": [1, 2]}))

    assert "$who is not defined" in problem
    assert f"once: {once} " in problem
    assert "no parameter row" in problem


@pytest.mark.parametrize(
    ("user", "giver"), [("run", None), ("run", "user"), ("end", None), ("end", "user")]
)
def test_a_value_that_comes_too_late_or_stays_with_a_user_is_told(
    bench: Bench, user: str, giver: str | None
) -> None:
    gives = get("/a", extract={"token": "body.n"}, **({"once": giver} if giver else {}))
    problem = told(bench, case_of(gives, get("/$token", once=user)))

    assert "$token is not defined" in problem
    assert f"once: {user}" in problem


def test_a_parameter_with_a_value_in_the_config_is_fine_everywhere(bench: Bench) -> None:
    case = case_of(
        get("/$who", name="make", once="run"),
        get("/$who", name="page"),
        parameters={"who": [1]},
        variables={"who": 0},
    )
    _, server = bench.load(case, {b"/0": OK, b"/1": OK})

    assert paths_of(server) == ["/0", "/1"]


@pytest.mark.parametrize("once", ["run", "end"])
def test_a_referenced_case_cannot_hold_steps_of_the_whole_run(bench: Bench, once: str) -> None:
    bench.write("proj.json", "{}")
    bench.write("inner.yml", case_of(get("/", once=once), base_url=""))
    problem = told(bench, case_of({"name": "outer", "testcase": "inner.yml"}))

    assert "inner.yml" in problem
    assert "write it on the step that references the case" in problem


def test_a_reference_that_is_once_takes_its_steps_along(bench: Bench) -> None:
    bench.write("proj.json", "{}")
    bench.write("inner.yml", case_of(get("/a", once="run"), get("/b", once="user"), base_url=""))
    outer = {"name": "outer", "testcase": "inner.yml", "once": "run"}
    script = {b"/a": OK, b"/b": OK, b"/page": OK}
    _, server = bench.load(case_of(outer, get("/page")), script, Load(Ramp(2), loops=2))

    assert paths_of(server) == ["/a", "/b", *["/page"] * 4]


def test_a_turn_may_be_skipped_or_have_several_requests(bench: Bench) -> None:
    steps = [
        get("/skipped", once="user", skip="not today"),
        get("/twice", once="user", loops=2),
        get("/page"),
    ]
    _, server = bench.load(case_of(*steps), {b"/twice": OK, b"/page": OK}, Load(Ramp(1), loops=3))

    assert paths_of(server) == ["/twice", "/twice", "/page", "/page", "/page"]
