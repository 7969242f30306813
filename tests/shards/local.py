"""Run shards in this process: the smallest backend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boomtalk.commands.assembly.case_files import CaseFiles
from boomtalk.commands.assembly.load_task import LoadTask
from boomtalk.commands.assembly.shards import part_of_task, shard_run
from boomtalk.engine import Load, Outcome, RunSettings, load_cases
from boomtalk.engine.report.json_report import About, report_of
from boomtalk.engine.shards.backend import ShardLost
from boomtalk.engine.shards.shard import Shard
from boomtalk.engine.shards.sharded_run import ShardedRun
from boomtalk.engine.shards.split import Part
from boomtalk.plugins import PluginOptions
from boomtalk.version import VERSION


@dataclass
class LocalHandle:
    """A shard that can die, or stop answering (`hold`)."""

    shard: Shard
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Task[None] | None = None

    async def call(self, name: str, *arguments: Any) -> Any:
        if self.dead.is_set():
            raise ShardLost("killed")
        calling = asyncio.ensure_future(self._answer(name, *arguments))
        dying = asyncio.ensure_future(self.dead.wait())
        try:
            await asyncio.wait({calling, dying}, return_when=asyncio.FIRST_COMPLETED)
            if calling.done():
                return calling.result()
            raise ShardLost("killed")
        finally:
            dying.cancel()
            calling.cancel()

    async def _answer(self, name: str, *arguments: Any) -> Any:
        answer = await getattr(self.shard, name)(*arguments)
        if self.held.is_set() and name == "piece":
            await asyncio.Event().wait()
        return answer

    def kill(self) -> None:
        if not self.dead.is_set():
            self.dead.set()
            self.closing = asyncio.create_task(self.shard.close())


class LocalBackend:
    """Starts shards on the running loop; `handles` are the started ones."""

    def __init__(self) -> None:
        self.handles: list[LocalHandle] = []

    async def open(self, number: int) -> Sequence[LocalHandle]:
        self.handles = [LocalHandle(Shard(shard_run)) for _ in range(number)]
        return self.handles


def task(case: Path, load: Load, settings: RunSettings, **others: Any) -> LoadTask:
    told = {
        "files": CaseFiles((str(case),), {}, None),
        "load": load,
        "settings": settings,
        "plugins": PluginOptions(),
        "log_level": "warning",
        "version": VERSION,
    }
    return LoadTask(**{**told, **others})


@dataclass
class Ended:
    """The result of a run, as an object and as its report."""

    outcome: Outcome
    report: dict[str, Any]
    log: list[tuple[str, str]]


Meanwhile = Callable[[ShardedRun, list[LocalHandle]], Any]


async def run_sharded(
    case: Path,
    url: str,
    load: Load,
    shards: int,
    meanwhile: Meanwhile | None = None,
    task_options: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> Ended:
    """Run a load on a number of shards, and await `meanwhile` during it."""
    backend, log = LocalBackend(), []
    told = RunSettings(base_url=url, **(settings or {}))
    whole = task(case, load, told, **(task_options or {}))
    run = ShardedRun(
        load_cases([case]).cases,
        load,
        told,
        backend,
        [part_of_task(whole, Part(one, shards)) for one in range(shards)],
        log=lambda level, text: log.append((level, text)),
        **options,
    )
    await run.prepare()
    slices: list[Any] = []
    run.listeners.append(slices.append)
    beside = asyncio.create_task(meanwhile(run, backend.handles)) if meanwhile else None
    outcome = await run.execute()
    if beside is not None:
        await beside
    for handle in backend.handles:
        if handle.closing is not None:
            await handle.closing
    report = report_of(outcome, load, About("0"), None)
    return Ended(outcome, report, log)
