"""Test that a fault of the program itself costs an iteration or a second, never the run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from boomtalk.engine import Load, load_cases
from boomtalk.engine.load.run import Run
from boomtalk.engine.measure.errors import NoLog
from boomtalk.engine.measure.snapshot import Slice
from boomtalk.engine.scenario.other_steps import TransactionStart
from boomtalk.engine.scenario.session import Session

from tests.http.scripted_server import OK, scripted
from tests.scenario.bench import Bench, assert_balanced, errors_of
from tests.scenario.outcome import case_of, posting

START = {"name": "begin", "transaction": {"name": "t", "type": "start"}}


@pytest.fixture
def faulty_step(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(step: TransactionStart, session: Session) -> None:
        raise RecursionError("a fault of ours")

    monkeypatch.setattr(TransactionStart, "run", fail)


def test_a_fault_in_a_load_test_fails_the_iteration(bench: Bench, faulty_step: None) -> None:
    outcome, server = bench.load(case_of(posting(1), START), load=Load(iterations=5))

    assert_balanced(outcome)
    assert len(server.asked) == 5
    iterations = outcome.snapshot.iterations
    assert (iterations.started, iterations.failed) == (5, 5)
    assert errors_of(outcome) == [("internal", "iteration", 5)]


def test_a_fault_in_a_functional_test_fails_the_row(bench: Bench, faulty_step: None) -> None:
    row = bench.row(case_of(posting(1), START))

    assert row.failure is not None
    assert (row.failure.kind, "a fault of ours" in row.failure.message) == ("internal", True)


def test_a_listener_that_fails_is_told_once_and_the_load_goes_on(tmp_path: Path) -> None:
    lines: list[str] = []
    seconds: list[Slice] = []

    class Log(NoLog):
        def warn(self, text: str) -> None:
            lines.append(text)

    def fail(ended: Slice) -> None:
        raise ValueError("cannot be written")

    async def main() -> int:
        async with scripted({b"/": OK}) as server:
            path = tmp_path / "case.json"
            path.write_text(case_of(posting(1)).replace("$URL", server.url))
            run = Run(load_cases([path]).cases, Load(duration=1.2, max_requests=20), log=Log())
            run.listeners += [fail, seconds.append]
            await run.prepare()
            return (await run.execute()).snapshot.accounting.ok

    assert asyncio.run(main()) > 0
    assert len(seconds) == 2
    assert [("cannot be written" in line) for line in lines] == [True]
