"""Test steps without a request, and where their failures are counted."""

from __future__ import annotations

import asyncio

import pytest
from boomtalk.engine import Load, Ramp
from boomtalk.engine.case.model import ThinkTimeRule
from boomtalk.engine.scenario.chance import Chance
from boomtalk.engine.scenario.other_steps import think_seconds

from tests.http.scripted_server import OK, Asked

from .bench import Bench, assert_balanced, errors_of, rows_of

GET = "request: {method: GET, url: $URL/}"


def paths(asked: list[Asked]) -> list[str]:
    return [one.line.split()[1].decode() for one in asked]


def anything(*names: str) -> dict[bytes, bytes]:
    return {f"/{name}".encode(): OK for name in names}


def test_a_referenced_case_sees_the_variables_of_its_parent_and_gives_back_its_exports(
    bench: Bench,
) -> None:
    bench.write(
        "child.yml",
        """
        config: {name: child, variables: {who: child, own: mine}}
        teststeps:
          - name: ask
            request: {method: GET, url: "/$who-$own-$given"}
            extract: {code: status_code, hidden: proto}
        """,
    )
    outcome, server = bench.load(
        """
        config: {name: parent, base_url: $URL, variables: {who: parent}}
        teststeps:
          - {name: call, testcase: child.yml, variables: {given: step}, export: [code]}
          - {name: use, request: {method: GET, url: "/$code"}}
        """,
        anything("parent-mine-step", "200"),
    )
    assert paths(server.asked) == ["/parent-mine-step", "/200"]
    assert rows_of(outcome) == {"call - ask": (1, 1, 0, 0), "use": (1, 1, 0, 0)}


def test_a_failing_variable_of_a_reference_is_counted_as_a_step_not_issued(bench: Bench) -> None:
    bench.write("child.yml", "config: {name: child}\nteststeps: [{think_time: 0}]")
    outcome, server = bench.load(
        """
        config: {name: parent}
        teststeps: [{name: call, testcase: child.yml, variables: {broken: "${int(x)}"}}]
        """
    )
    assert not server.asked
    assert errors_of(outcome) == [("template", "call", 1)]
    assert rows_of(outcome)["call"] == (0, 0, 0, 1)
    assert_balanced(outcome)


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ('{name: pause, think_time: {time: "${str(soon)}"}}', "pause"),
        ('{name: again, loops: "${str(often)}", ' + GET + "}", "again"),
        ('{name: maybe, skip: "${int(x)}", ' + GET + "}", "maybe"),
    ],
)
def test_a_step_that_cannot_be_evaluated_fails_the_iteration_in_a_row_of_its_own(
    bench: Bench, step: str, name: str
) -> None:
    outcome, server = bench.load(f"config: {{name: c}}\nteststeps: [{step}]")
    assert not server.asked
    assert [(kind, step) for kind, step, _ in errors_of(outcome)] == [("template", name)]
    assert outcome.snapshot.iterations.failed == 1
    assert rows_of(outcome)[name][3] == 1
    assert_balanced(outcome)


def test_an_exception_that_nobody_foresaw_is_one_failure_and_loses_no_request(
    bench: Bench,
) -> None:
    def breaks() -> None:
        raise ZeroDivisionError("by zero")

    bench.functions = {"breaks": breaks}
    outcome, server = bench.load(
        """
        config: {name: c}
        teststeps:
          - name: answered
            request: {method: GET, url: $URL/}
            validate: [{eq: [status_code, "${breaks()}"]}]
        """,
        load=Load(iterations=3),
    )
    assert len(server.asked) == 3
    assert errors_of(outcome) == [("internal", "answered", 3)]
    assert "ZeroDivisionError: by zero" in outcome.snapshot.errors[0].message
    assert rows_of(outcome) == {"answered": (3, 0, 3, 0)}
    assert_balanced(outcome)


def test_an_exception_before_the_request_is_not_issued(bench: Bench) -> None:
    def breaks() -> None:
        raise ZeroDivisionError

    bench.functions = {"breaks": breaks}
    outcome, server = bench.load(
        'config: {name: c}\nteststeps: [{name: s, request: {method: GET, url: "${breaks()}"}}]'
    )
    assert not server.asked
    assert rows_of(outcome) == {"s": (0, 0, 0, 1)}
    assert_balanced(outcome)


def test_loops_repeat_a_step_and_each_repetition_is_a_request(bench: Bench) -> None:
    outcome, server = bench.load(
        f"config: {{name: c, variables: {{n: 3}}}}\nteststeps: [{{name: s, loops: $n, {GET}}}]"
    )
    assert len(server.asked) == 3
    assert rows_of(outcome) == {"s": (3, 3, 0, 0)}


@pytest.mark.parametrize("loops", ["", "null", "1", "0"])
def test_loops_that_say_nothing_are_one(bench: Bench, loops: str) -> None:
    outcome, _ = bench.load(f"config: {{name: c}}\nteststeps: [{{name: s, loops: {loops}, {GET}}}]")
    assert rows_of(outcome) == {"s": (1, 1, 0, 0)}


@pytest.mark.parametrize(
    ("skip", "sent"),
    [("true", 0), ("not ready yet", 0), ("$yes", 0), ("false", 1), ("$no", 1), ("''", 1)],
)
def test_skip_leaves_a_step_out_if_it_is_true_or_gives_a_reason(
    bench: Bench, skip: str, sent: int
) -> None:
    _, server = bench.load(
        f"config: {{name: c, variables: {{yes: true, no: false}}}}\n"
        f"teststeps: [{{name: s, skip: {skip}, {GET}}}]"
    )
    assert len(server.asked) == sent


def test_transactions_nest_and_an_open_one_ends_with_the_iteration(bench: Bench) -> None:
    outcome, _ = bench.load(
        f"""
        config: {{name: c}}
        teststeps:
          - {{transaction: {{name: outer, type: start}}}}
          - {{transaction: {{name: inner, type: start}}}}
          - {{name: s, {GET}}}
          - {{transaction: {{name: inner, type: end}}}}
          - {{transaction: {{name: outer, type: end}}}}
          - {{transaction: {{name: open, type: start}}}}
        """
    )
    spans = {row.name: row for row in outcome.snapshot.transactions}
    assert {name: (row.ok, row.failed) for name, row in spans.items()} == {
        "Action": (1, 0),
        "outer": (1, 0),
        "inner": (1, 0),
        "open": (1, 0),
    }
    assert spans["inner"].duration.high <= spans["outer"].duration.high


def test_a_failed_step_fails_the_transactions_that_are_open(bench: Bench) -> None:
    outcome, _ = bench.load(
        f"""
        config: {{name: c}}
        teststeps:
          - {{transaction: {{name: done, type: start}}}}
          - {{transaction: {{name: done, type: end}}}}
          - {{transaction: {{name: open, type: start}}}}
          - {{name: s, {GET}, validate: [{{eq: [status_code, 500]}}]}}
        """
    )
    counted = {row.name: (row.ok, row.failed) for row in outcome.snapshot.transactions}
    assert counted == {"Action": (0, 1), "done": (1, 0), "open": (0, 1)}


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        (ThinkTimeRule(), 2.0, 2.0),
        (ThinkTimeRule("ignore"), 0.0, 0.0),
        (ThinkTimeRule("multiply", factor=3.0), 6.0, 6.0),
        (ThinkTimeRule("random_percentage", low=0.5, high=1.5), 1.0, 3.0),
        (ThinkTimeRule("multiply", factor=3.0, limit=2.5), 2.5, 2.5),
        (ThinkTimeRule("multiply", factor=-1.0), 0.0, 0.0),
    ],
)
def test_think_time_follows_the_strategy_of_the_case(
    rule: ThinkTimeRule, low: float, high: float
) -> None:
    chance = Chance(1)
    pauses = [think_seconds(rule, 2.0, chance) for _ in range(100)]
    assert low <= min(pauses) <= max(pauses) <= high
    assert len(set(pauses)) > 1 or low == high


def test_users_meet_at_a_rendezvous_before_any_goes_on(bench: Bench) -> None:
    arrived = asyncio.Event()
    waiting = 0

    async def hold_until_three_came(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 3:
            arrived.set()
        await arrived.wait()
        writer.write(OK)

    # The first request brings all three users together; later the rendezvous must do it.
    script = {b"/start": hold_until_three_came, b"/before": OK, b"/after": OK}
    _, server = bench.load(
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: start, request: {method: GET, url: /start}}
          - {name: slow, loops: "${random_int(4)}", request: {method: GET, url: /before}}
          - {rendezvous: {name: all, timeout: 20000}}
          - {name: after, request: {method: GET, url: /after}}
        """,
        script,
        Load(Ramp(3), loops=1),
    )
    asked = paths(server.asked)
    assert asked.count("/after") == 3
    assert asked[-3:] == ["/after"] * 3


def test_a_rendezvous_that_cannot_fill_lets_its_users_go(bench: Bench) -> None:
    both = asyncio.Event()
    came = 0

    async def fail_the_first(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        number = came
        if number == 2:
            both.set()
        await both.wait()
        writer.write(OK.replace(b"200", b"500") if number == 1 else OK)

    outcome, _ = bench.load(
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: s, request: {method: GET, url: /}, validate: [{eq: [status_code, 200]}]}
          - {rendezvous: {name: all, timeout: 50}}
        """,
        {b"/": fail_the_first},
        Load(Ramp(2), loops=1, graceful_stop=5),
    )
    iterations = outcome.snapshot.iterations
    assert (iterations.completed, iterations.failed, iterations.interrupted) == (1, 1, 0)


def test_unique_rows_are_dealt_once_and_then_the_load_ends(bench: Bench) -> None:
    outcome, server = bench.load(
        """
        config:
          name: c
          base_url: $URL
          parameters: {id: [a, b, c, d, e]}
          parameters_setting: {pick_order: unique}
        teststeps: [{name: s, request: {method: GET, url: /$id}}]
        """,
        anything("a", "b", "c", "d", "e"),
        Load(Ramp(3)),
    )
    assert sorted(paths(server.asked)) == ["/a", "/b", "/c", "/d", "/e"]
    assert outcome.stopped_by == "data"
    assert outcome.snapshot.iterations.started == outcome.snapshot.iterations.completed == 5


def test_users_share_the_rows_and_start_again_at_the_end(bench: Bench) -> None:
    _, server = bench.load(
        """
        config: {name: c, base_url: $URL, parameters: {"a-b": [[1, x], [2, y]]}}
        teststeps: [{name: s, request: {method: GET, url: /$a$b}}]
        """,
        anything("1x", "2y"),
        Load(Ramp(2), iterations=6),
    )
    assert sorted(paths(server.asked)) == ["/1x"] * 3 + ["/2y"] * 3


@pytest.mark.parametrize(
    "steps",
    [
        f"[{{name: s, skip: true, {GET}}}]",
        "[{rendezvous: {name: all, number: 1}}]",
        "[{transaction: {name: t, type: start}}]",
    ],
)
def test_an_iteration_that_waits_for_nothing_does_not_keep_the_load_from_ending(
    bench: Bench, steps: str
) -> None:
    outcome, _ = bench.load(f"config: {{name: c}}\nteststeps: {steps}", load=Load(duration=0.2))
    assert outcome.stopped_by == "duration"
    assert outcome.snapshot.iterations.completed > 0
