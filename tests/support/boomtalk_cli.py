"""Run the real program as a subprocess, in its own process group and with a time limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from .forked import Forked, fork_server
from .waiting import PATIENCE, wait_until

COMMAND = (sys.executable, "-m", "boomtalk.cli")


@dataclass(frozen=True)
class Ended:
    """The result of a run of the program. `code` is the exit code that a shell would show."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Running:
    """A started program; its output goes to files, so that it never waits for a reader."""

    def __init__(
        self, process: subprocess.Popen[bytes] | Forked, out: IO[bytes], err: IO[bytes]
    ) -> None:
        self._process = process
        self._out, self._err = out, err

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def out(self) -> str:
        return _text(self._out)

    @property
    def err(self) -> str:
        return _text(self._err)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Send SIGINT to the whole process group, as a terminal does for Ctrl-C."""
        os.killpg(self.pid, signal.SIGINT)

    def send(self, number: signal.Signals) -> None:
        """Send a signal only to the program."""
        self._process.send_signal(number)

    def wait(self, timeout: float = PATIENCE) -> Ended:
        """Wait for the end; raises subprocess.TimeoutExpired after `timeout` seconds."""
        code = self._process.wait(timeout)
        return Ended(code if code >= 0 else 128 - code, self.out, self.err)

    def wait_for(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until the program has written `text` to stdout or stderr."""

        def is_there() -> bool:
            seen = text in self.out or text in self.err
            assert seen or self.is_running(), f"ended without {text!r}:\n{self.wait()}"
            return seen

        wait_until(is_there, repr(text), timeout)


@contextmanager
def started(
    arguments: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    command: Sequence[str] = COMMAND,
    script: str | None = None,
    out_to: IO[bytes] | None = None,
    err_to: IO[bytes] | None = None,
) -> Iterator[Running]:
    """Start the program; at the end of the `with` its process group is killed.

    A `script` in Python runs instead of it, in a process that has imported the program. What it
    writes to `out_to` and `err_to` instead of its own files is not seen here.
    """
    # The width of the lines is ours: readline, which pytest imports, sets that of its terminal.
    environment = {**os.environ, "COLUMNS": "200", **(env or {})}
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        if command == COMMAND and _is_ours(environment):
            start = partial(fork_server().start, script=script)
        else:
            start = partial(_spawn, command if script is None else (sys.executable, "-c", script))
        words = [*map(os.fspath, arguments)]
        streams = (nothing.fileno(), (out_to or out).fileno(), (err_to or err).fileno())
        process = start(words, streams, cwd or Path.cwd(), environment)
        try:
            yield Running(process, out, err)
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError):  # it may have ended in between
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _is_ours(environment: Mapping[str, str]) -> bool:
    """Return whether all PYTHON... variables have the values of this process.

    The interpreter reads them only when it starts, so that a fork cannot get other values.
    """
    names = {name for name in (*environment, *os.environ) if name.startswith("PYTHON")}
    return all(environment.get(name) == os.environ.get(name) for name in names)


def _spawn(
    command: Sequence[str],
    arguments: Sequence[str],
    streams: tuple[int, int, int],
    cwd: Path,
    env: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    null, out, err = streams
    return subprocess.Popen(
        [*command, *arguments],
        stdin=null,
        stdout=out,
        stderr=err,
        cwd=cwd,
        env=env,
        process_group=0,
    )


def run_cli(
    *arguments: str | os.PathLike[str],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
    out_to: IO[bytes] | None = None,
    err_to: IO[bytes] | None = None,
) -> Ended:
    """Run the program to its end."""
    with started(arguments, cwd=cwd, env=env, out_to=out_to, err_to=err_to) as running:
        return running.wait(timeout)


def read_report(path: Path) -> dict[str, Any]:
    """Return the JSON report; raises AssertionError if it contains NaN or infinity."""

    def refuse(constant: str) -> float:
        raise AssertionError(f"{constant} is no JSON")

    report: dict[str, Any] = json.loads(path.read_text(), parse_constant=refuse)
    return report


def marks_of(report: Mapping[str, Any]) -> list[str]:
    """Return the marks of a report, without those for moments in which this machine was slow."""
    machine = ("the generator fell behind", "the generator keeps up again", "the event loop was")
    return [mark["what"] for mark in report["marks"] if not mark["what"].startswith(machine)]


def _text(file: IO[bytes]) -> str:
    # pread does not move the position at which the program writes.
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace")
