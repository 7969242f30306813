"""One shard: a run that reports in numbered pieces and is stopped from outside."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from time import perf_counter
from typing import Any

from ..errors import BoomtalkError
from ..load.run import Run
from ..measure.snapshot import Slice
from ..output.masking import Mask
from ..record.samples import sample_of
from .company import ShardCompany
from .messages import Errors, second_message, so_far_of
from .pieces import Outbox

Log = Callable[[str, str], None]
# Makes a run from a task, with its plugins and what must be masked; closes them at its end.
Open = Callable[[Any, Log], AbstractAsyncContextManager[tuple[Run, Mask]]]

# Without a question for this long the driver is gone or cut off; the load must not outlive it.
LEASE_SECONDS = 15.0
_MOST_LINES = 100
_MOST_TEXT = 2_000


class Shard:
    """Runs one part of a load; only bytes and plain values cross its interface.

    Every method can be called in any order and any time. The run is a task of this shard;
    whatever ends it, its last message says so.
    """

    def __init__(self, open_run: Open, lease: float = LEASE_SECONDS) -> None:
        self._open = open_run
        self._lease = lease
        self._outbox = Outbox()
        self._errors = Errors()
        self._lines: list[tuple[str, str]] = []
        self._marks = 0
        self._run: Run | None = None
        self._mask = Mask()
        self._go = asyncio.Event()
        self._company = ShardCompany(self._tell)
        self._asked_at = perf_counter()
        self._living: asyncio.Task[None] | None = None

    async def hello(self) -> dict[str, Any]:
        """Return the process, host and Python of this shard."""
        return {
            "pid": os.getpid(),
            "host": platform.node(),
            "python": platform.python_version(),
        }

    async def prepare(self, task: object) -> None:
        """Begin to prepare the run; the first message holds the result."""
        self._living = asyncio.create_task(self._live(task))

    async def start(self, sets_up: bool = False) -> None:
        """Let the run begin; a shard that `sets_up` runs the `once: run` steps of all."""
        self._asked_at = perf_counter()
        self._company.sets_up = sets_up
        self._go.set()

    async def keep(self) -> None:
        """Extend the lease of a shard that is not asked for messages yet."""
        self._asked_at = perf_counter()

    async def share(self, values: str) -> None:
        """Take what the `once: run` steps extracted, as JSON text, and begin the load."""
        self._asked_at = perf_counter()
        self._company.values.put_nowait(values)

    async def finish(self, cleans_up: bool) -> None:
        """End the run, after its `once: end` steps if this shard is to run them."""
        self._company.cleans_up.put_nowait(cleans_up)

    async def piece(self, number: int, seen: int) -> bytes:
        """Return a piece as soon as it exists; the caller has those below `seen`."""
        self._asked_at = perf_counter()
        return await self._outbox.piece(number, seen)

    async def stop(self, reason: str, force: bool) -> None:
        """Request the end; with `force` running iterations are cut."""
        if self._run is not None:
            self._run.stop.request(reason)
            if force:
                self._run.stop.force()
        self._go.set()

    async def toggle_pause(self) -> None:
        if self._run is not None:
            self._run.toggle_pause()

    async def add_users(self, number: int) -> None:
        if self._run is not None:
            self._run.add_users(number)

    async def close(self) -> None:
        """End the run and its plugins; returns when they are gone."""
        if self._living is not None:
            self._living.cancel()
            with suppress(asyncio.CancelledError):
                await self._living

    async def _live(self, task: object) -> None:
        try:
            await self._load(task)
        except asyncio.CancelledError:
            raise
        except BoomtalkError as error:
            self._tell_failure(str(error), error.hint, error.exit_code)
        # The user's code may raise anything, SystemExit too: as an exception it must not cross.
        except BaseException as error:
            self._tell_failure(f"{type(error).__name__}: {error}", "", 4)

    async def _load(self, task: object) -> None:
        async with self._open(task, self._log) as (run, mask):
            self._run, self._mask = run, mask
            run.listeners.append(self._take)
            run.company = self._company
            await run.prepare()
            self._outbox.put(self._ready(run))
            await self._go.wait()
            watching = asyncio.create_task(self._watch_lease(run))
            try:
                await run.execute()
            finally:
                watching.cancel()
        self._outbox.put(self._final(run))

    def _ready(self, run: Run) -> dict[str, Any]:
        snapshot = run.snapshot()
        return {
            "kind": "ready",
            "steps": [(row.case, row.name, row.type) for row in snapshot.steps],
            "transactions": [(row.case, row.name) for row in snapshot.transactions],
            "functions": sorted(run.function_names),
            "warnings": run.warnings,
            "sets_up": run.run_steps.have_start,
            "lines": self._take_lines(),
        }

    def _final(self, run: Run) -> dict[str, Any]:
        outcome = run.outcome()
        return {
            "kind": "final",
            "so_far": so_far_of(outcome),
            "news": self._news(run),
            "parameters": outcome.parameters,
            "slowest": [sample_of(kept, self._mask) for kept in run.slowest()],
            "accounting": outcome.snapshot.accounting,
        }

    def _take(self, ended: Slice) -> None:
        run = self._run
        assert run is not None  # it is the one that calls
        so_far = so_far_of(run.progress())
        self._outbox.put(second_message(ended, run.elapsed(), so_far, self._news(run)))

    def _news(self, run: Run) -> dict[str, Any]:
        snapshot = run.snapshot()
        marks = snapshot.marks[self._marks :]
        self._marks = len(snapshot.marks)
        return {
            "errors": self._errors.news(snapshot.errors),
            "marks": marks,
            "samples": [sample_of(kept, self._mask) for kept in run.take_failures()],
            "lines": self._take_lines(),
        }

    def _tell(self, kind: str, **values: Any) -> None:
        self._outbox.put({"kind": kind, "lines": self._take_lines(), **values})

    def _tell_failure(self, text: str, hint: str, exit_code: int) -> None:
        self._tell("failure", text=text, hint=hint, exit_code=exit_code)

    def _log(self, level: str, text: str) -> None:
        if len(self._lines) < _MOST_LINES:
            text = text[:_MOST_TEXT].encode("utf-8", "replace").decode()
            self._lines.append((level, text))
        elif len(self._lines) == _MOST_LINES:
            self._lines.append(("warning", "more lines in a second than are sent"))

    def _take_lines(self) -> list[tuple[str, str]]:
        taken, self._lines = self._lines, []
        return taken

    async def _watch_lease(self, run: Run) -> None:
        while (left := self._asked_at + self._lease - perf_counter()) > 0:
            await asyncio.sleep(left)
        run.stop.request("shard")
        run.stop.force()
