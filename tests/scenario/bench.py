"""Run a case text against prepared answers, with functions in place of a debugtalk.py."""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boomtalk.engine import HttpOptions, Load, Outcome, RunSettings, load_cases, run_load
from boomtalk.engine.errors import PluginCallError
from boomtalk.engine.functional.functional_run import FunctionalRun
from boomtalk.engine.functional.results import Results, RowResult
from boomtalk.engine.functional.screen import Silence
from boomtalk.engine.stop import Stop

from tests.http.scripted_server import OK, Answer, ScriptedServer, scripted

Function = Callable[..., Any]
ONCE = Load(iterations=1)


@dataclass
class Plugin:
    """Replaces a running debugtalk.py."""

    written: Mapping[str, Function]

    @property
    def functions(self) -> dict[str, inspect.Signature | None]:
        return {name: inspect.signature(function) for name, function in self.written.items()}

    async def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        watched: int = -1,
    ) -> Any:
        before = copy.deepcopy(args[watched]) if watched >= 0 else None
        try:
            result = self.written[name](*args, **(kwargs or {}))
        except ValueError as error:
            raise PluginCallError("plugin_error", f"ValueError: {error}") from error
        if watched >= 0 and result is None and args[watched] != before:
            return args[watched]
        return result


@dataclass
class Plugins:
    functions: Mapping[str, Function] = field(default_factory=dict)

    async def open(self, path: str | Path, environment: Mapping[str, str] | None = None) -> Plugin:
        return Plugin(self.functions)

    def snapshots(self) -> Sequence[Any]:
        return ()


@dataclass
class Bench:
    """A project folder and a way to run its cases."""

    root: Path
    functions: dict[str, Function] = field(default_factory=dict)
    http: HttpOptions = field(default_factory=lambda: HttpOptions(timeout=10))

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def load(
        self, case: str, script: Mapping[bytes, Answer] | None = None, load: Load = ONCE
    ) -> tuple[Outcome, ScriptedServer]:
        """Load-test the case; `$URL` in it is the server's, `$AT_HOST` what follows a user."""

        async def run(path: Path, server: ScriptedServer) -> Outcome:
            cases = load_cases([path]).cases
            return await run_load(
                cases, load, RunSettings(http=self.http), plugins=Plugins(self.functions)
            )

        return self._play(case, script, run)

    def run(
        self, case: str, script: Mapping[bytes, Answer] | None = None, keeps_going: bool = False
    ) -> tuple[Results, ScriptedServer]:
        """Run the case as a functional test."""

        async def run(path: Path, server: ScriptedServer) -> Results:
            functional = FunctionalRun(
                cases=load_cases([path]).cases,
                listener=Silence(),
                settings=RunSettings(http=self.http),
                plugins=Plugins(self.functions),
                keeps_going=keeps_going,
            )
            await functional.prepare()
            return await functional.execute(Stop())

        return self._play(case, script, run)

    def row(self, case: str, script: Mapping[bytes, Answer] | None = None) -> RowResult:
        """Run a case without parameters, and return its only row."""
        results, _ = self.run(case, script)
        (row,) = results.rows
        return row

    def _play(
        self,
        case: str,
        script: Mapping[bytes, Answer] | None,
        run: Callable[[Path, ScriptedServer], Awaitable[Any]],
    ) -> tuple[Any, ScriptedServer]:
        if self.functions:
            self.write("debugtalk.py", "")

        async def main() -> tuple[Any, ScriptedServer]:
            async with scripted(dict(script or {b"/": OK})) as server:
                host = server.url.partition("//")[2]
                text = case.replace("$URL", server.url).replace("$AT_HOST", f"@{host}")
                path = self.write("case.yml", text)
                return await run(path, server), server

        return asyncio.run(main())


def rows_of(outcome: Outcome) -> dict[str, tuple[int, int, int, int]]:
    """Return issued, ok, failed and not issued of each step by name."""
    return {
        step.name: (step.issued, step.ok, step.failed, step.not_issued)
        for step in outcome.snapshot.steps
    }


def errors_of(outcome: Outcome) -> list[tuple[str, str, int]]:
    """Return kind, step and count of each failure."""
    return [(error.kind, error.step, error.count) for error in outcome.snapshot.errors]


def assert_balanced(outcome: Outcome) -> None:
    """Assert that every request ended and every failure is in the errors."""
    counts = outcome.snapshot.accounting
    assert counts.issued == counts.ok + counts.failed + counts.cancelled
    told = sum(error.count for error in outcome.snapshot.errors)
    assert told == counts.failed + counts.not_issued
