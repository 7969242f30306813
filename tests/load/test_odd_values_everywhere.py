"""Test that no value ends a run, whatever it is and wherever it is used, shown or written."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import orjson
import pytest
from boomtalk.engine import CaseError, HttpOptions, Load, RunSettings, load_cases
from boomtalk.engine.case.model import Case
from boomtalk.engine.errors import PluginCallError
from boomtalk.engine.export.families import families
from boomtalk.engine.export.hrp_families import Window, hrp_families
from boomtalk.engine.functional.functional_run import FunctionalRun
from boomtalk.engine.functional.html_report import html_of
from boomtalk.engine.functional.junit_report import junit_of as functional_junit_of
from boomtalk.engine.functional.screen import RunScreen
from boomtalk.engine.functional.summary import json_of, summary_of
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.engine.measure.snapshot import Slice
from boomtalk.engine.output.known_values import KnownValues
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.page.page import page_of
from boomtalk.engine.record.curls import curls_of
from boomtalk.engine.record.directory import RunDirectory
from boomtalk.engine.record.origin import origin_of
from boomtalk.engine.record.reading import Record
from boomtalk.engine.record.samples import sample_of
from boomtalk.engine.report.json_report import About, about_of, progress_of, report_of
from boomtalk.engine.report.live import LiveScreen
from boomtalk.engine.report.markdown import markdown_of
from boomtalk.engine.report.samples import line_of
from boomtalk.engine.report.summary import summary
from boomtalk.engine.report.tabular import csv_of, junit_of
from boomtalk.engine.report.view import Panel
from boomtalk.engine.stop import Stop
from msgspec.structs import replace
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from rich.console import Console

from tests.http.scripted_server import Asked, scripted
from tests.scenario.bench import Plugin, Plugins, assert_balanced
from tests.support.odd_uses import odd_config, odd_name, odd_step
from tests.support.odd_values import as_json, odd_value

# Each seed makes 25 cases, which are one run.
SEEDS = range(3)
EXTRA = range(3, 203)
CASES = 25
LOAD = Load(iterations=3 * CASES)
ABOUT = About("0", ("boomtalk",), None, {}, datetime(2020, 1, 1))
MASK = Mask(KnownValues.of(["secret-of-env"]))
SAMPLE_BYTES = 300_000


class OddPlugin(Plugin):
    """Fails as a process does: whatever the function raises is an error of the call."""

    async def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        watched: int = -1,
    ) -> Any:
        try:
            return await super().call(name, args, kwargs, watched)
        except Exception as error:
            raise PluginCallError("plugin_error", f"{type(error).__name__}: {error}") from error


class OddPlugins(Plugins):
    async def open(self, path: str | Path, environment: Mapping[str, str] | None = None) -> Plugin:
        return OddPlugin(self.functions)


class World:
    """The odd values of one seed, as the server's answers and as the functions of a plugin."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        # The same at each call: whether a case is refused depends on its rows.
        self.rows = [[odd_value(random.Random(f"{seed} {row}"))] for row in range(3)]

    def value(self) -> Any:
        return odd_value(self.chance)

    async def answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        body = as_json(self.value())
        kind = self.chance.choice([b"application/json", b"text/html; charset=gbk", b"x"])
        lines = b"Content-Type: %b\r\nSet-Cookie: a=\xff\r\nContent-Length: %d" % (kind, len(body))
        writer.write(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n%b" % (lines, body))

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        def change(view: Any) -> Any:
            if isinstance(view, dict):
                view[self.chance.choice([*map(str, view), "x"])] = self.value()
            return self.chance.choice([None, view, self.value()])

        return {
            "give": lambda *given: self.value(),
            "f": lambda *given, **named: self.chance.choice([*given, None]) if given else None,
            "change": change,
            "rows": lambda: self.rows,
        }


def cases_of(world: World, folder: Path, url: str) -> list[Case]:
    """Write some cases that use odd values, half of them those of a plugin; return what loads."""
    (folder / "debugtalk.py").touch()
    paths = [folder / f"case-{number}.json" for number in range(CASES)]
    for path in paths:
        steps = [odd_step(world.chance) for _ in range(2)]
        if world.chance.random() < 0.5:
            given = {"v": "${give()}"}
            steps = [step | {"variables": given | step.get("variables", {})} for step in steps]
        else:
            take = {"name": "take", "request": {"method": "GET", "url": f"{url}/"}}
            steps.insert(0, take | {"extract": {"v": "body"}})
        steps = [odd_name(world.chance, step) for step in steps]
        config = odd_name(world.chance, {"name": path.name}) | {"base_url": url}
        config |= odd_config(world.chance)
        path.write_text(json.dumps({"config": config, "teststeps": steps}))
    return [case for path in paths for case in loaded(path)]


def loaded(path: Path) -> Sequence[Case]:
    try:
        return load_cases([path]).cases
    except CaseError:
        return ()


async def with_world(
    seed: int, folder: Path, play: Callable[[World, Sequence[Case], Path], Awaitable[Any]]
) -> None:
    """Play the cases of a seed that can run."""
    world = World(seed)
    async with scripted(Anything(world)) as server:
        cases = [one for one in cases_of(world, folder, server.url) if await can_run(world, one)]
        if cases:
            await play(world, cases, folder / f"out-{seed}")


async def can_run(world: World, case: Case) -> bool:
    try:
        await Run([case], LOAD, plugins=OddPlugins(world.functions)).prepare()
    except CaseError:  # refused before anything is sent
        return False
    return True


class Anything(dict[bytes, Any]):
    """Answers every path."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def __missing__(self, path: bytes) -> Any:
        return self.world.answer


async def load_test(world: World, cases: Sequence[Case], out: Path) -> None:
    samples: list[bytes] = []
    run = Run(
        cases,
        replace(LOAD, seed=world.seed),
        RunSettings(http=HttpOptions(timeout=10), id_header="X-Id"),
        plugins=OddPlugins(world.functions),
        take_sample=lambda sample: samples.append(line_of(sample)),
    )
    await run.prepare()
    directory = RunDirectory(out)
    screen = LiveScreen(run, run.title)

    def record(ended: Slice) -> None:
        directory.add_samples([sample_of(kept, MASK) for kept in run.take_failures()])
        directory.take(ended, run.elapsed(), progress_of(run.progress(), run.load))

    with directory:
        so_far = progress_of(run.progress(), run.load)
        directory.begin({**about_of(ABOUT), "origin": origin_of(cases), "so_far": so_far})
        run.listeners.append(record)
        outcome = await run.execute()
        directory.add_samples([sample_of(kept, MASK) for kept in run.slowest()])
    report = report_of(outcome, run.load, ABOUT, 0)
    directory.finish(report)
    check_outcome(outcome)
    check_files(report, out, samples)
    check_screens(screen, report, outcome)


def check_outcome(outcome: Outcome) -> None:
    assert_balanced(outcome)
    assert [one.message for one in outcome.snapshot.errors if one.kind == "internal"] == []
    iterations = outcome.snapshot.iterations
    assert iterations.started == iterations.completed + iterations.failed


def check_files(report: dict[str, Any], out: Path, samples: list[bytes]) -> None:
    for line in (*samples, (out / "report.json").read_bytes()):
        orjson.loads(line)
    lines = (out / "record.jsonl").read_bytes().splitlines()
    kept = [line for line in map(orjson.loads, lines) if line["record"] == "sample"]
    assert max((len(orjson.dumps(one)) for one in kept), default=0) < SAMPLE_BYTES
    assert all("\n" not in line for line in curls_of(kept, 100))
    assert csv_of(report).decode().count("\n") > 1
    fromstring(junit_of(report))
    markdown_of(report).decode()
    page_of(Record(out)).decode()


class Metrics(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self.metrics = metrics

    def collect(self) -> list[Metric]:
        return self.metrics


def check_screens(screen: LiveScreen, report: dict[str, Any], outcome: Outcome) -> None:
    console = Console(file=io.StringIO(), width=100, markup=False, emoji=False, highlight=False)
    for panel in Panel:
        screen.toggle(panel)
        console.print(screen.frame(100, 40))
    console.print(summary(report, 100, steps=True), screen.line())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b" not in shown
    shown.encode()
    window = Window(outcome.snapshot.steps, 1.0)
    for metrics in (families(outcome, LOAD), hrp_families(outcome, window, False)):
        assert generate_latest(Metrics(list(metrics)))


async def functional_test(world: World, cases: Sequence[Case], out: Path) -> None:
    console = Console(file=io.StringIO(), width=100, markup=False, emoji=False, highlight=False)
    screen = RunScreen(console, MASK, verbose=True)
    run = FunctionalRun(
        cases=cases,
        listener=screen,
        settings=RunSettings(http=HttpOptions(timeout=10)),
        plugins=OddPlugins(world.functions),
        keeps_going=True,
    )
    await run.prepare()
    results = await run.execute(Stop())
    screen.close(results)
    assert "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]
    told = [trace.failure for row in results.rows for trace in row.traces]
    told += [row.failure for row in results.rows]
    assert [one.message for one in told if one is not None and one.kind == "internal"] == []
    told_as = summary_of(results, "0", MASK)
    json.loads(json_of(told_as))
    html_of(told_as).decode()
    fromstring(functional_junit_of(told_as))


seeds = pytest.mark.parametrize(
    "seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.extra) for seed in EXTRA)]
)


@seeds
def test_a_load_test_survives_any_value_at_any_place(seed: int, tmp_path: Path) -> None:
    asyncio.run(with_world(seed, tmp_path, load_test))


@seeds
def test_a_functional_test_survives_any_value_at_any_place(seed: int, tmp_path: Path) -> None:
    asyncio.run(with_world(seed, tmp_path, functional_test))
