"""Test that the ids in the results and in the server's log are the same, however a run ends."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Running
from tests.support.load_runs import Boom, check_ids
from tests.support.processes import Auditor
from tests.support.timed_server import TimedServer
from tests.support.waiting import wait_until

CASE = """
config: {{name: random end}}
teststeps:
  - {{name: first, request: {{method: GET, url: /ms/{delay}}}}}
  - name: second
    request: {{method: POST, url: /ms/{delay}, json: {{n: 1}}}}
    validate: [{{eq: [status_code, {expected}]}}]
"""
PLUGIN_CASE = """
config: {name: plugin loss}
teststeps:
  - {name: signed, request: {method: GET, url: /ms/2, headers: {X-Sign: "${sign()}"}}}
"""
PLUGIN = "def sign():\n    return 'ok'\n"
SEEDS = range(5)
EXTRA = range(1000, 1200)


def seeds(few: range = SEEDS) -> pytest.MarkDecorator:
    extra = (pytest.param(seed, marks=pytest.mark.extra) for seed in EXTRA)
    return pytest.mark.parametrize("seed", [*few, *extra])


def case_of(chance: random.Random) -> str:
    """Return a case with a random delay; its second step sometimes fails its check."""
    delay = chance.choice([0, 5, 100, 700])
    return CASE.format(delay=delay, expected=chance.choice([200, 200, 201]))


def flags_of(chance: random.Random) -> list[str]:
    grace = chance.choice(["0", "0.05", "0.5", "5s"])
    users = chance.choice([1, 20, 200])
    open_load = ["--arrival-rate", f"{chance.choice([5, 100, 400])}/s", "--max-users", f"{users}"]
    shape = chance.choice([["-u", f"{users}"], open_load])
    return [*shape, "--graceful-stop", grace]


def check_end(boom: Boom, server: TimedServer, running: Running, code: int) -> None:
    ended = running.wait()
    assert ended.code == code, ended
    results = boom.results(ended)
    seen = server.log()
    check_accounting(results.report, server_requests=len(seen), cut=True)
    check_ids(results, (entry["id"] for entry in seen))
    assert results.report["accounting"]["issued"] > 0


def interrupt(running: Running, chance: random.Random) -> None:
    running.send(signal.SIGINT)


def interrupt_twice(running: Running, chance: random.Random) -> None:
    running.send(signal.SIGINT)
    time.sleep(chance.choice([0, 0.005, 0.05, 0.5]))
    if running.is_running():
        running.send(signal.SIGINT)


def terminate(running: Running, chance: random.Random) -> None:
    running.send(signal.SIGTERM)


@seeds()
@pytest.mark.parametrize(
    ("act", "code"), [(interrupt, 130), (interrupt_twice, 130), (terminate, 143)]
)
def test_a_signal_loses_invents_and_repeats_no_request(
    act: Callable[[Running, random.Random], None],
    code: int,
    seed: int,
    boom: Boom,
    timed: TimedServer,
) -> None:
    chance = random.Random(seed)
    with boom.running(case_of(chance), *flags_of(chance)) as running:
        wait_until(lambda: timed.stats()["requests"], "the first request")
        time.sleep(chance.uniform(0, 0.8))  # the random moment is what is tested
        act(running, chance)
        check_end(boom, timed, running, code)


@seeds()
def test_a_deadline_loses_invents_and_repeats_no_request(
    seed: int, boom: Boom, timed: TimedServer
) -> None:
    chance = random.Random(seed)
    duration = f"{chance.uniform(0.2, 1.2):.3f}s"
    with boom.running(case_of(chance), *flags_of(chance), "-d", duration) as running:
        check_end(boom, timed, running, 0)


@seeds()
def test_an_abort_by_threshold_loses_invents_and_repeats_no_request(
    seed: int, boom: Boom, timed: TimedServer
) -> None:
    chance = random.Random(seed)
    rule = chance.choice(["issued<1", "p(50)<0.0001", "iterations<1"])
    flags = [*flags_of(chance), "-d", "40s", "--threshold", rule, "--abort-on-threshold"]
    with boom.running(case_of(chance), *flags) as running:
        check_end(boom, timed, running, 1)


@seeds()
def test_a_plugin_killed_until_given_up_loses_invents_and_repeats_no_request(
    seed: int, boom: Boom, timed: TimedServer, no_leftovers: Auditor, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    (tmp_path / "debugtalk.py").write_text(PLUGIN)
    flags = ["-u", f"{chance.choice([1, 20, 100])}", "-d", "40s", "--graceful-stop", "0.2"]
    env = no_leftovers.environment
    with boom.running(PLUGIN_CASE, *flags, env=env) as running:
        wait_until(lambda: timed.stats()["requests"], "the first request")
        while running.is_running():
            for process in no_leftovers.plugins():
                with suppress(ProcessLookupError):  # it was the last one, and its run has ended it
                    os.kill(process.pid, signal.SIGKILL)
            time.sleep(chance.uniform(0.02, 0.2))
        check_end(boom, timed, running, 3)
