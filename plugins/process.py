"""Run one operating system process of a plugin: start it, stop it, notice its death."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from inspect import Signature

from boomtalk.engine.errors import PluginStartError
from msgspec import Struct

from .child import FAILED, READY, STOP, Frame, FrameError, pack
from .launch import Events, Launch
from .signatures import signature_of
from .vitals import Vitals

ASK_SECONDS = 2.0
TERM_SECONDS = 3.0
EOF_GRACE = 0.2
POLL_SECONDS = 0.05
STOPPED = "stopped"
GO_PANIC = 2  # the exit status with which Go ends a process


class Hello(Struct, frozen=True):
    """The first message of a process: its language, and its functions with their signatures."""

    python: str
    functions: Mapping[str, Signature | None]


class PluginProcess:
    """A child process with its link and its output; `on_exit(self, why)` is called once."""

    def __init__(
        self,
        launch: Launch,
        on_frames: Callable[[list[Frame]], None],
        on_exit: Callable[[PluginProcess, str], None],
        emit: Callable[[str], None],
    ) -> None:
        """Start the process; raises PluginStartError if the operating system refuses."""
        self._loop = asyncio.get_running_loop()
        self._path = launch.path
        self._hint = launch.hint
        self._on_frames = on_frames
        self._on_exit = on_exit
        self._hello: asyncio.Future[Hello] = self._loop.create_future()
        self._exited: asyncio.Future[str] = self._loop.create_future()
        self._why = ""
        self._is_lost = False
        self._end_by: asyncio.TimerHandle | None = None
        self.frames_bad = 0
        self.last_words = ""
        started = launch.start(Events(self._first_frames, self._lost, self.fault), emit)
        self._popen, self._link, self._output = started.popen, started.link, started.output
        self.pid = self._popen.pid
        self._watch_death()

    @property
    def takes_calls(self) -> bool:
        """Return whether the process is alive, not being ended, and has room."""
        return not self._why and not self._is_lost and self._link.has_room

    def write(self, frames: Iterable[bytes]) -> None:
        self._link.write(frames)

    def unsent_ids(self) -> list[int]:
        """Return the ids of calls that the process cannot have seen completely, in order."""
        return self._link.unsent_ids()

    async def ready(self, timeout: float) -> Hello:
        """Wait until the plugin is loaded.

        If that fails or takes too long, end the process and raise PluginStartError.
        """
        try:
            async with asyncio.timeout(timeout):
                # The timeout must cancel only this wait, not the future itself.
                hello = await asyncio.shield(self._hello)
        except TimeoutError:
            text = f"{self._path}: not loaded within {timeout:g} s" + self._last_lines()
            raise PluginStartError(text, "see --plugin-start-timeout") from None
        finally:
            if not self._hello.done() or self._hello.cancelled() or self._hello.exception():
                self.kill("start given up")
                await asyncio.shield(self._exited)
        if self._exited.done():
            why = self._exited.result()
            raise PluginStartError(f"{self._path}: the process ended right after loading ({why})")
        return hello

    def kill(self, why: str = "") -> None:
        """Kill the process and all that it started; `why` replaces the signal in the report."""
        self._why = self._why or why
        self._signal(signal.SIGKILL)

    def fault(self, why: str) -> None:
        """Kill the process, because it violated the protocol."""
        self.frames_bad += 1
        self.kill(f"protocol: {why}")

    async def stop(self) -> None:
        """Ask the process to end, send SIGTERM, then SIGKILL to its group; wait for its end."""
        if not self._exited.done():
            self._why = self._why or STOPPED
            self._link.write([pack(STOP, 0)])
        for seconds, number in ((ASK_SECONDS, signal.SIGTERM), (TERM_SECONDS, signal.SIGKILL)):
            await asyncio.wait([self._exited], timeout=seconds)
            self._signal(number)
        await asyncio.wait([self._exited], timeout=TERM_SECONDS)

    def _first_frames(self, frames: list[Frame]) -> None:
        for position, (kind, _, _, payload) in enumerate(frames):
            if self._hello.done():
                self._on_frames(frames[position:])
                return
            self._greet(kind, payload)
        if self._hello.done():
            self._link.on_frames = self._on_frames

    def _greet(self, kind: int, payload: bytes) -> None:
        try:
            report = json.loads(payload)
            if kind == READY:
                functions = {name: signature_of(one) for name, one in report["functions"].items()}
                self._hello.set_result(Hello(report["python"], functions))
            elif kind == FAILED:
                self._hello.set_exception(self._load_error(report))
                self._hello.exception()
            else:
                raise FrameError(f"frame of kind {kind} before it was ready")
        except (AttributeError, ValueError, KeyError, TypeError) as error:
            raise FrameError(f"unreadable greeting: {error}") from None

    def _lost(self) -> None:
        self._is_lost = True
        # Usually the process is about to end. If it lives on without its pipe, it is useless.
        if self._why != STOPPED:
            self._end_by = self._loop.call_later(EOF_GRACE, self.kill, "closed its pipe")

    def _watch_death(self) -> None:
        self._pidfd = _pidfd(self.pid)
        if self._pidfd >= 0:
            self._loop.add_reader(self._pidfd, self._died)
        else:
            self._loop.call_later(POLL_SECONDS, self._poll_death)

    def _poll_death(self) -> None:
        if Vitals.is_dead(self.pid):
            self._died()
        else:
            self._loop.call_later(POLL_SECONDS, self._poll_death)

    def _died(self) -> None:
        """Kill the group of the dead process and read everything that it wrote; then reap it."""
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
        if self._end_by:
            self._end_by.cancel()
        # Kill what it started. Before it is reaped, its id cannot belong to another group.
        self._signal(signal.SIGKILL)
        self._link.end(self._reap)

    def _reap(self) -> None:
        code = self._popen.wait()
        self._output.close()
        why = self._why or _exit_text(code)
        if code == GO_PANIC:
            self.last_words = self._output.last_words
        if not self._hello.done():
            text = f"{self._path}: the process ended while loading ({why}){self._last_lines()}"
            self._hello.set_exception(PluginStartError(text, self._hint("")))
            self._hello.exception()
        self._exited.set_result(why)
        self._on_exit(self, why)

    def _signal(self, number: signal.Signals) -> None:
        # Once it is reaped, its number may belong to somebody else's process.
        if self._popen.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _load_error(self, report: Mapping[str, str]) -> PluginStartError:
        place = f"{report['file']}:{report['line']}" if report["line"] else report["file"]
        frames = report["traceback"]
        text = f"{place}: {report['message']}" + (f"\n{frames}" if frames else "")
        return PluginStartError(text, self._hint(report["type"]))

    def _last_lines(self) -> str:
        lines = self._output.last_lines()
        return "; it printed last:\n" + "\n".join(lines) if lines else ""


def _pidfd(pid: int) -> int:
    """Return a descriptor that becomes readable when the process dies, or -1 without one.

    Linux has them since 5.3; a container may forbid the system call.
    """
    with contextlib.suppress(AttributeError, OSError):
        return os.pidfd_open(pid)
    return -1


def _exit_text(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"
