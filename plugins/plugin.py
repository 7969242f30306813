"""Supervise one plugin: calls, timeouts, crashes and restarts."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import Signature
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, Protocol

from boomtalk.engine.errors import PluginStartError
from boomtalk.engine.measure.plugins import PluginSnapshot

from .calls import Calls, Tally
from .child import PING, Frame, pack
from .crashes import Crashes
from .launch import Kind, Launch
from .options import PluginOptions
from .process import STOPPED, Hello, PluginProcess
from .python_launch import PYTHON
from .vitals import Vitals

SWEEP_SECONDS = 0.25
STUCK = "stuck"


class Process(Protocol):
    """The interface of a process that the supervisor uses."""

    pid: int
    frames_bad: int
    last_words: str

    @property
    def takes_calls(self) -> bool: ...
    def write(self, frames: Sequence[bytes]) -> None: ...
    def unsent_ids(self) -> list[int]: ...
    async def ready(self, timeout: float) -> Hello: ...
    def kill(self, why: str = "") -> None: ...
    async def stop(self) -> None: ...


Spawn = Callable[
    [Launch, Callable[[list[Frame]], None], Callable[[Any, str], None], Callable[[str], None]],
    Process,
]


class Plugin:
    """One supervised plugin; `PluginPool.open` creates it. `kind` starts its processes.

    States: none, starting, ready, restarting, given up, closed.
    """

    def __init__(
        self,
        path: Path,
        environment: Mapping[str, str],
        options: PluginOptions,
        log: Callable[[str, str], None],
        spawn: Spawn = PluginProcess,
        kind: Kind = PYTHON,
    ) -> None:
        self.path = path
        self.state = "none"
        self.functions: Mapping[str, Signature | None] = MappingProxyType({})
        self._shown = shown_path(path)
        self._options = options
        self._environment = dict(environment)
        self._write_log = log
        self._spawn = spawn
        self._kind = kind
        self._loop = asyncio.get_running_loop()
        self._calls = Calls(options.window, kind.encode_call)
        self._vitals = Vitals()
        self._launch: Launch | None = None
        self._process: Process | None = None
        self._python = ""
        self._starts = 0
        self._restarts = 0
        self._frames_bad = 0
        self._source_changed = False
        self._crashes = Crashes(options.backoff)
        self._is_draining = False
        self._ending: asyncio.Task[None] | None = None
        self._pump_due = False
        self._pinged_at: float | None = None
        self._pings = itertools.count(2**63)  # ids that no call will have
        self._revival: asyncio.Task[None] | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        calls = self._calls
        return (
            f"<Plugin {self._shown} {self.state}, {self._restarts} restarts |"
            f" {len(calls.in_flight)} in flight, {len(calls.queue)} queued, {calls.ok} ok>"
        )

    # Calls

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        watched: int = -1,
    ) -> Awaitable[Any]:
        """Call a function, and return a future of its result.

        A function that returns nothing and changes the argument at position `watched` results
        in that argument.

        It fails with PluginCallError. Cancelling it frees the caller at once; the function
        itself runs on in the plugin process and its answer is dropped.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        if self.state in ("given up", "closed"):
            self._calls.refuse(future, f"{self._shown}: the plugin is {self.state}")
        elif name not in self.functions:
            self._calls.refuse_unknown(future, f"{self._shown} has no function {name}")
        elif self._calls.add(name, (name, args, kwargs or {}, watched), future, perf_counter()):
            self._pump_soon()
        return future

    # Calls of one loop turn are written together: a system call per call would cost too much.
    def _pump_soon(self) -> None:
        if not self._pump_due:
            self._pump_due = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Write the queued calls, as far as window and socket have room."""
        self._pump_due = False
        process = self._process
        while process and self._calls.queue and not self._is_draining and process.takes_calls:
            frames = self._calls.take()
            if not frames:
                break
            process.write(frames)

    def _answered(self, frames: list[Frame]) -> None:
        self._pinged_at = None
        self._calls.settle(frames, perf_counter())
        self._pump_soon()

    # Life

    async def start(self) -> None:
        """Read the file and start the first process; raises PluginStartError."""
        self.state = "starting"
        self._launch = self._kind.prepare(self.path, self._environment, self._options)
        hello = await self._begin()
        self._python = hello.python
        self._calls.tallies = {name: Tally() for name in hello.functions}
        self.functions = MappingProxyType(dict(hello.functions))
        self._sweep()

    async def _begin(self) -> Hello:
        assert self._launch
        self._starts += 1
        process = self._spawn(self._launch, self._answered, self._exited, self._print)
        hello = await process.ready(self._options.start_timeout)
        self._process = process
        self._is_draining = False
        self._pinged_at = None
        self.state = "ready"
        self._pump_soon()
        return hello

    def _exited(self, process: Process, why: str) -> None:
        self._frames_bad += process.frames_bad
        if process is not self._process:
            return
        self._process = None
        # Unsent calls go back first, or they would be counted as lost with those in flight.
        self._calls.requeue(process.unsent_ids())
        if self.state == "closed":
            return
        self.state = "restarting"
        delay = 0.0
        if why == STUCK:
            self._calls.lose_stuck()
        elif why != STOPPED:
            told = f"the plugin process died ({why})"
            told += f": {process.last_words}" if process.last_words else ""
            self._calls.lose(told, why)
            self._log("warning", told)
            delay = self._count_crash()
        if self.state == "restarting":
            self._revival = self._loop.create_task(self._revive(delay))

    def _count_crash(self) -> float:
        """Return the pause before the next start, or give up at the 4th crash within 60 s."""
        pause = self._crashes.add(self._loop.time())
        if pause is None:
            self.state = "given up"
            self._log("error", f"given up after {self._crashes}")
            self._calls.refuse_all(f"{self._shown}: given up after {self._crashes}")
        return pause or 0.0

    async def _revive(self, delay: float) -> None:
        while self.state == "restarting":
            await asyncio.sleep(delay)
            try:
                self._restarts += 1
                await self._begin()
            except PluginStartError as error:
                self._log("warning", f"restart failed: {error}")
                delay = self._count_crash()

    async def close(self) -> None:
        """Cancel all calls and end the process; calling it again does nothing."""
        if self.state != "given up":  # the report still shows that state
            self.state = "closed"
        self.observe()
        if self._sweeper:
            self._sweeper.cancel()
        self._calls.cancel_all()
        if self._revival:
            self._revival.cancel()
            await asyncio.wait([self._revival])
        if self._ending:
            await self._ending
        if self._process:
            await self._process.stop()
        if self._launch:
            self._launch.close()
            self._launch = None
        self._calls.fold()

    # Watching

    def _sweep(self) -> None:
        timeout = self._options.call_timeout
        self._sweeper = self._loop.call_later(min(SWEEP_SECONDS, timeout / 20), self._sweep)
        now = perf_counter()
        self._calls.fold()
        self._calls.drop_cancelled()
        self._calls.expire(now - timeout, timeout)
        if self._process:
            self._look_for_progress(self._process, now)
            self._finish_draining(self._process)
        self._pump_soon()

    def _look_for_progress(self, process: Process, now: float) -> None:
        """Replace a process that answers nothing for a call timeout after one call timed out.

        A ping finds out: any thread that is free answers it. A process that somebody suspended
        (SIGSTOP) is not replaced.
        """
        if not self._calls.abandoned:
            return
        if self._pinged_at is None:
            self._pinged_at = now
            process.write([pack(PING, next(self._pings))])
        elif now - self._pinged_at > self._options.call_timeout and not Vitals.is_stopped(
            process.pid
        ):
            self._log("warning", "the plugin process makes no progress, replacing it")
            process.kill(STUCK)

    def _finish_draining(self, process: Process) -> None:
        if self._is_draining and not self._ending and not self._calls.in_flight:
            self._ending = self._loop.create_task(process.stop())
            self._ending.add_done_callback(self._ended)

    def _ended(self, ending: asyncio.Task[None]) -> None:
        self._ending = None

    def observe(self) -> None:
        """Measure memory and CPU, and check whether the file was edited; call it every second."""
        if self._process:
            self._vitals.sample(self._process.pid)
        cap = self._options.memory_cap
        if self._process and cap and not self._is_draining and (self._vitals.rss or 0) > cap:
            self._log("warning", f"over its memory cap of {cap} bytes, replacing the process")
            self._is_draining = True
        if self._launch and not self._source_changed and self._launch.is_edited():
            self._source_changed = True
            self._log("warning", "edited during the run, which goes on with the old code")

    def _print(self, line: str) -> None:
        self._log("info", line)

    def _log(self, level: str, text: str) -> None:
        self._write_log(level, f"[{self._shown}] {text}")

    def snapshot(self) -> PluginSnapshot:
        """Return the current numbers; histograms are copies."""
        calls = self._calls
        calls.drop_cancelled()
        calls.fold()
        if self._process:
            self._vitals.refresh(self._process.pid)
        return PluginSnapshot(
            path=self._shown,
            state=self.state,
            pid=self._process.pid if self._process else None,
            python=self._python,
            starts=self._starts,
            restarts=self._restarts,
            source_changed=self._source_changed,
            calls=calls.accepted,
            ok=calls.ok,
            errors=calls.errors,
            timeouts=calls.timeouts,
            crashed=calls.crashed,
            cancelled=calls.cancelled,
            unavailable=calls.unavailable,
            late_answers=calls.late_answers,
            frames_bad=self._frames_bad,
            in_flight=len(calls.in_flight),
            queued=len(calls.queue),
            rss=self._vitals.rss if self._process else None,
            rss_peak=self._vitals.rss_peak,
            cpu_seconds=self._vitals.cpu_seconds,
            wait=calls.wait(),
            run=calls.run(),
            functions=calls.functions(),
        )


def shown_path(path: Path) -> str:
    """Return a path as users write it: relative, if it is below the working directory."""
    here = Path(os.path.realpath("."))
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
