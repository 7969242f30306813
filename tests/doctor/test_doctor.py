"""Test the findings of `doctor` and its advice."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from boomtalk.engine.doctor.ceiling import Ceiling, judge
from boomtalk.engine.doctor.finding import Finding
from boomtalk.engine.doctor.system import cores, interpreter, limits
from boomtalk.engine.load.machine import Machine
from boomtalk.engine.measure.histogram import Histogram

from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.processes import Auditor
from tests.support.waiting import wait_until


def states(found: list[Finding]) -> dict[str, str]:
    return {one.topic: one.state for one in found}


@pytest.mark.parametrize(
    ("machine", "state"),
    [
        (Machine(most_files=1_048_576, ports=28_232, free_memory=8 * 10**9), "ok"),
        (Machine(), "ok"),
        (Machine(most_files=4_096, ports=5_000, free_memory=5 * 10**8), "warn"),
        (Machine(most_files=100, ports=100, free_memory=10**8), "bad"),
    ],
)
def test_limits_are_judged_by_what_a_load_needs(machine: Machine, state: str) -> None:
    found = list(limits(machine))

    assert states(found) == dict.fromkeys(("open files", "ports", "memory"), state)
    assert all((one.advice != "") == (one.state != "ok") for one in found)


def test_a_single_core_and_a_busy_machine_are_warned_of() -> None:
    assert states(list(cores(4, 0.5))) == {"cores": "ok", "load of others": "ok"}
    assert states(list(cores(1, 0.0))) == {"cores": "warn", "load of others": "ok"}
    assert states(list(cores(2, 3.5))) == {"cores": "ok", "load of others": "warn"}


@pytest.mark.parametrize(
    ("built_with", "prefix", "state"),
    [
        ("'--enable-shared'", "/home/me/.pyenv/versions/3.12.1", "warn"),
        ("'--enable-optimizations' '--with-lto'", "/home/me/.pyenv/versions/3.12.1", "ok"),
        ("'--enable-shared' '--prefix=/usr'", "/usr", "ok"),
    ],
)
def test_a_python_built_without_optimizations_is_warned_of(
    built_with: str, prefix: str, state: str
) -> None:
    found = interpreter(built_with, prefix)

    assert found.state == state
    assert ("--enable-optimizations" in found.advice) == (state == "warn")


@pytest.mark.parametrize(("late", "state"), [(0.002, "ok"), (0.02, "warn"), (0.2, "bad")])
def test_a_late_generator_is_judged_by_how_late_it_is(late: float, state: str) -> None:
    times = Histogram()
    times.add([late] * 10)
    found = states(list(judge(Ceiling(1000.0, 2000.0, 250.0, times, times, times))))

    assert found == {"ceiling": "ok", "loop lag": state, "timers": state, "added latency": state}


def test_the_machine_is_measured_and_the_report_says_how(
    tmp_path: Path, no_leftovers: Auditor
) -> None:
    ended = run_cli("doctor", "--json", "doctor.json", cwd=tmp_path)

    report = read_report(tmp_path / "doctor.json")
    found = {one["topic"]: one for one in report["findings"]}
    assert {"open files", "ports", "memory", "event loop", "ceiling", "loop lag"} <= found.keys()
    assert ended.code == (1 if "bad" in {one["state"] for one in found.values()} else 0)
    assert found["event loop"]["found"] == "uvloop, compiled"
    ceiling = report["ceiling"]
    assert ceiling["requests_per_core"] > ceiling["easy_per_second"] > 100
    assert 0 < ceiling["latency_ms"]["p50"] <= ceiling["latency_ms"]["p99"]
    assert f"ceiling: {ceiling['requests_per_second']:.0f} requests/s" in ended.out


def test_ctrl_c_ends_the_measurement_and_its_server(tmp_path: Path, no_leftovers: Auditor) -> None:
    with started(["doctor"], cwd=tmp_path) as running:
        # The target answers at once, so the measurement takes little more than a second.
        wait_until(lambda: psutil.Process(running.pid).children(), "the server")
        running.interrupt()
        ended = running.wait()

    assert ended.code == 130, ended
    assert "Traceback" not in ended.err


def test_the_interpreter_of_each_project_is_tried(tmp_path: Path) -> None:
    good, broken = tmp_path / "good", tmp_path / "more" / "broken"
    for folder in (good, broken):
        folder.mkdir(parents=True)
        (folder / "debugtalk.py").touch()
    python = broken / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)

    ended = run_cli("doctor", "--no-ceiling", ".", cwd=tmp_path)
    assert ended.code == 1, ended
    assert f"ok   plugin {good.resolve()}/debugtalk.py: Python 3." in ended.out
    assert f"bad  plugin {broken.resolve()}/debugtalk.py: {python} ends with 3" in ended.out

    other = run_cli("doctor", "--no-ceiling", "--python", "/nowhere/python", "good", cwd=tmp_path)
    assert other.code == 1, other
    assert "/nowhere/python cannot be run" in other.out


def test_a_folder_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    ended = run_cli("doctor", "--no-ceiling", "nowhere", cwd=tmp_path)

    assert ended.code == 2
    assert "nowhere: no such file or folder" in ended.err
