"""Every error boomtalk raises on purpose, by cause; each knows its exit code.

Two families: errors that end the command (`BoomtalkError`) and `StepFailed`, which is
a fact about one step of one iteration and becomes a counted failure.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the author's files something stands. `line` counts from 1; 0 is unknown."""

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


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the author's files: where, what, and what to do about it."""

    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" ({self.hint})" if self.hint else "")


class BoomtalkError(Exception):
    """Ends the command with `exit_code`; the text is for the user, `hint` says what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(BoomtalkError):
    """Flags or arguments that cannot be meant."""


class CaseError(BoomtalkError):
    """The case files cannot run; carries every problem that was found, not only the first.

    `cases` are those that could be loaded nevertheless: they may have problems of another kind.
    """

    def __init__(self, problems: Sequence[Problem], cases: Sequence[Any] = ()) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
        self.cases = tuple(cases)


class PluginStartError(BoomtalkError):
    """A debugtalk.py could not be started, or was given up after repeated crashes."""

    exit_code = 3


class ResultsError(BoomtalkError):
    """Results could not be written in full."""

    exit_code = 4


class StepFailed(Exception):
    """One step of one iteration failed; `kind` and `detail` are those of the JSON report.

    Kinds: check extract template hook timeout dns connect tls disconnected truncated bad_http
    redirect decode send too_large websocket plugin_error plugin_timeout plugin_crashed
    plugin_unavailable fd_limit port_limit internal other. `traceback` holds the frames of the
    user's own code, where it was at fault.
    """

    def __init__(self, kind: str, message: str, detail: str = "", traceback: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail
        self.message = message
        self.traceback = traceback


class PluginCallError(StepFailed):
    """A call into debugtalk.py did not return a value.

    `kind` is plugin_error, plugin_timeout, plugin_crashed or plugin_unavailable.
    """


def failure_of(error: Exception) -> StepFailed:
    """Return a step's failure; an exception that nobody foresaw becomes one of kind internal."""
    if isinstance(error, StepFailed):
        return error
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" at {Path(one.filename).name}:{one.lineno}" for one in frame)
    name = type(error).__name__
    failure = StepFailed("internal", f"{name}: {error}{where}", name)
    failure.__cause__ = error
    return failure
