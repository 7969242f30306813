"""The loads of the service: those that run, and the folders of all that have run."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from boomtalk.engine import Case, Load, Ramp, Run, RunSettings, UsageError, load_cases
from boomtalk.plugins import PluginPool

MOST_USERS, MOST_SECONDS, MOST_LOADS = 500, 3600, 2
KEYS = ("case", "text", "users", "duration", "base_url", "thresholds")


@dataclass(slots=True)
class Loads:
    """Starts loads of cases in one folder, and keeps the reports of each in a folder of its own."""

    cases: Path
    folder: Path
    running: dict[str, Run] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return the cases that a client may name: files of the folder, never a path."""
        return sorted(path.name for path in self.cases.glob("*.yml") if path.is_file())

    def states(self) -> list[dict[str, str]]:
        """Return id and state of all loads, the oldest first."""
        kept = [path for path in self.folder.glob("*") if path.name not in self.running]
        kept.sort(key=lambda path: path.stat().st_mtime)
        ended = [{"id": path.name, "state": "ended"} for path in kept]
        return ended + [{"id": name, "state": run.state} for name, run in self.running.items()]

    async def start(self, order: Mapping[str, Any]) -> str:
        """Start a load and return its id; raises BoomtalkError for what cannot run."""
        if len(self.running) >= MOST_LOADS:
            raise UsageError(f"{MOST_LOADS} loads are running", "try again later")
        load, settings = load_of(order), settings_of(order)
        name = uuid4().hex
        folder = self.folder / name
        folder.mkdir(parents=True)
        try:
            cases = self.cases_of(order, folder)
            async with AsyncExitStack() as stack:
                pool = await stack.enter_async_context(PluginPool())
                run = self.running[name] = Run(cases, load, settings, plugins=pool, out=folder)
                await run.prepare()
                self.tasks[name] = asyncio.create_task(self.execute(name, run, stack.pop_all()))
        except BaseException:
            self.running.pop(name, None)
            shutil.rmtree(folder)
            raise
        return name

    def cases_of(self, order: Mapping[str, Any], folder: Path) -> tuple[Case, ...]:
        """Return the cases of a file by name, or of a text, which gets a project of its own."""
        if ("case" in order) == ("text" in order):
            raise UsageError("the order has no case", 'send either "case" or "text"')
        if "text" in order:
            if not isinstance(order["text"], str):
                raise UsageError('"text" must be the text of a case file')
            # Else its project were a folder further up, with functions and a .env.
            (folder / "proj.json").write_text("{}")
            (folder / "case.yml").write_text(order["text"], encoding="utf-8", errors="replace")
            return load_cases(folder / "case.yml").cases
        if order["case"] not in self.names():
            raise UsageError("there is no such case", f"one of {', '.join(self.names())}")
        return load_cases(self.cases / order["case"]).cases

    async def execute(self, name: str, run: Run, plugins: AsyncExitStack) -> None:
        """Run a load to its end; then its report and page are in its folder."""
        try:
            async with plugins:
                await run.execute()
        finally:
            await asyncio.to_thread(run.outcome().write, html=self.folder / name / "report.html")
            del self.running[name], self.tasks[name]

    async def stop(self, name: str, *, now: bool) -> dict[str, Any]:
        """Stop a load, and return its report when all of it is kept."""
        run, task = self.running[name], self.tasks.get(name)
        await run.stop(now=now)
        if task is not None:
            await asyncio.wait([task])
        return run.outcome().report()

    async def close(self) -> None:
        """Cut all loads, because the service ends; their reports are kept."""
        await asyncio.gather(*(self.stop(name, now=True) for name in self.running))


def load_of(order: Mapping[str, Any]) -> Load:
    """Return the load that a client asks for, within the limits of this service."""
    if unknown := sorted(order.keys() - set(KEYS)):
        raise UsageError(f"there is no {', '.join(unknown)}", f"there are {', '.join(KEYS)}")
    users, duration = order.get("users", 1), order.get("duration", 10)
    for name, value, most in (("users", users, MOST_USERS), ("duration", duration, MOST_SECONDS)):
        if value is None or (isinstance(value, int | float) and value > most):
            raise UsageError(f"{name} must be a number up to {most}")
    return Load(Ramp(users), duration=duration)


def settings_of(order: Mapping[str, Any]) -> RunSettings:
    return RunSettings(base_url=order.get("base_url"), thresholds=order.get("thresholds", ()))
