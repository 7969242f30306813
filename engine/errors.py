"""Define every error that boomtalk raises on purpose.

There are two families. A `BoomtalkError` ends the command and has its exit code. A `StepFailed`
concerns one step of one iteration: it is counted as a failure and never ends the run.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct


class Place(Struct, frozen=True):
    """A place in the author's files. `line` counts from 1; 0 means that it is unknown."""

    file: str
    line: int = 0
    step: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}" if self.line else self.file]
        if self.step is not None:
            parts.append(f"step {self.step!r}")
        if self.key is not None:
            parts.append(self.key)
        return ": ".join(parts)


class Problem(Struct, frozen=True):
    """One mistake in the author's files: its place, what is wrong, and what to do about it."""

    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" ({self.hint})" if self.hint else "")


class BoomtalkError(Exception):
    """Ends the command with `exit_code`. The message is for the user; `hint` says what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(BoomtalkError):
    """The flags or arguments are wrong, or do not go together."""


class CaseError(BoomtalkError):
    """The case files cannot run; `problems` lists all that was found, not only the first.

    `cases` are the ones that loaded all the same. They can be checked further, so that one
    command reports as many problems as possible.
    """

    def __init__(self, problems: Sequence[Problem], cases: Sequence[Any] = ()) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
        self.cases = tuple(cases)


class PluginStartError(BoomtalkError):
    """A debugtalk.py did not start, or it crashed so often that boomtalk gave up."""

    exit_code = 3


class ResultsError(BoomtalkError):
    """Results were not written in full."""

    exit_code = 4


# A message may quote a whole body. More of it helps nobody, and masking it would take long.
_MOST_TEXT = 4_000


class StepFailed(Exception):
    """One step of one iteration failed. `kind` and `detail` are those of the JSON report.

    Kinds: check extract template hook timeout dns connect tls disconnected truncated bad_http
    redirect decode send too_large websocket plugin_error plugin_timeout plugin_crashed
    plugin_unavailable fd_limit port_limit internal other. `traceback` holds the frames of the
    user's own code if that raised the error, else it is empty. `check` is a check that did not
    hold, as the case writes it; its values, which may be others each time, are in the message.
    """

    def __init__(
        self, kind: str, message: str, detail: str = "", traceback: str = "", check: str = ""
    ) -> None:
        message = message[:_MOST_TEXT]
        super().__init__(message)
        self.kind = kind
        self.detail = detail
        self.message = message
        self.traceback = traceback
        self.check = check


class PluginCallError(StepFailed):
    """A call into debugtalk.py did not return a value.

    `kind` is plugin_error, plugin_timeout, plugin_crashed or plugin_unavailable.
    """


def failure_of(error: Exception) -> StepFailed:
    """Return the step's failure; an unexpected exception becomes one of kind `internal`.

    A fault in boomtalk itself must not end a load test: it is counted, with its place.
    """
    if isinstance(error, StepFailed):
        return error
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" at {Path(one.filename).name}:{one.lineno}" for one in frame)
    name = type(error).__name__
    failure = StepFailed("internal", f"{name}: {error}{where}", name)
    failure.__cause__ = error
    return failure
