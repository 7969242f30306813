"""Test that a pattern or a search that does not end fails its step, and nothing else."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from boomtalk.engine import Load
from boomtalk.engine.values import time_limit

from tests.functional.servers import json_answer, play
from tests.scenario.bench import Bench, assert_balanced, errors_of
from tests.scenario.outcome import case_of, posting
from tests.support.boomtalk_cli import read_report

ENDLESS = '"' + "a" * 48 + '!"'
ANSWERS = {b"/": json_answer(ENDLESS.encode())}
# Both try each way to cut 48 letters into pieces: 2^47 of them.
CHECK = posting(1, validate=[{"regex_match": ["body", "^(a+)+$$"]}])
EXTRACT = posting(1, extract={"v": "(a+)+b(.*)"})
# Nests lists of eight items, and then visits each of the 8^9 innermost ones.
NESTED = posting(1, extract={"v": "body" + " | [@,@,@,@,@,@,@,@]" * 9 + " | " + "[*]" * 9})


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(time_limit, "LIMIT", 0.2)
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("step", "kind", "named"),
    [
        (CHECK, "check", "^(a+)+$"),
        (EXTRACT, "extract", "(a+)+b(.*)"),
        (NESTED, "extract", "| [@,@,@,@"),
    ],
)
def test_a_search_without_end_fails_its_step_alone(
    bench: Bench, step: dict[str, Any], kind: str, named: str
) -> None:
    outcome, server = bench.load(case_of(posting(1), step), ANSWERS, Load(iterations=2))

    assert_balanced(outcome)
    assert errors_of(outcome) == [(kind, "s", 2)]
    assert len(server.asked) == 4
    message = outcome.snapshot.errors[0].message
    assert named in message
    assert "ended after 0.2 s of computing" in message


def test_a_functional_run_says_why_the_check_failed(bench: Bench) -> None:
    row = bench.row(case_of(CHECK), ANSWERS)

    (check,) = row.traces[0].checks
    assert check.failure is not None
    assert "'^(a+)+$': ended after 0.2 s of computing" in check.note


def test_the_real_program_ends_patterns_on_its_fast_loop(tmp_path: Path) -> None:
    case = case_of(CHECK)
    flags = ("-i", "1", "--no-out", "--json", "x.json")

    ended, server = play(tmp_path, "boom", "case.yml", *flags, script=ANSWERS, case=case)

    assert (ended.code, len(server.asked)) == (0, 1), ended
    (error,) = read_report(tmp_path / "x.json")["errors"]
    assert error["kind"] == "check"
    assert "ended after 1 s of computing" in error["message"]


def test_the_timer_runs_from_the_first_search_to_the_end_of_the_last_run() -> None:
    def period() -> float:
        return signal.getitimer(signal.ITIMER_VIRTUAL)[1]

    with time_limit.searches_end():
        assert period() == 0
        assert time_limit.limited(str.upper, "a") == "A"
        with time_limit.searches_end():
            assert period() > 0
        assert period() > 0
    assert period() == 0


def test_a_search_in_another_thread_does_not_interrupt_the_main_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time_limit, "LIMIT", 0.2)
    is_over = threading.Event()
    with time_limit.searches_end():
        time_limit.limited(str.upper, "a")
        thread = threading.Thread(target=lambda: time_limit.limited(is_over.wait, 20))
        thread.start()
        began_at = process_time()
        while process_time() - began_at < 0.5:
            sum(range(10_000))
        is_over.set()
        thread.join()


def test_many_short_searches_may_take_longer_than_the_limit(bench: Bench) -> None:
    slow = "^(a+)+$$"
    answers = {b"/": json_answer(('"' + "a" * 19 + '!"').encode())}
    step = posting(1, validate=[{"regex_match": ["body", slow]}])

    outcome, _ = bench.load(case_of(step), answers, Load(iterations=20))

    assert {error.message.partition(": ")[2][:5] for error in outcome.snapshot.errors} == {'got "'}


def test_a_run_in_another_thread_has_no_limit_and_works(bench: Bench) -> None:
    rows: list[Any] = []
    step = posting(1, validate=[{"regex_match": ["body", "^(a+)"]}])
    thread = threading.Thread(target=lambda: rows.append(bench.row(case_of(step), ANSWERS)))
    thread.start()
    thread.join()

    assert [row.passed for row in rows] == [True]
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
