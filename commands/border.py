"""The border at which an error of a command becomes a message and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from boomtalk.engine.errors import BoomtalkError
from boomtalk.engine.output.streams import say, silence
from boomtalk.engine.signals import Interrupted, interrupted_by_signals, signal_code


def ending_with_a_code(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with its errors as a message on stderr and the exit code they carry."""

    @wraps(command)
    def run(**given: Any) -> None:
        try:
            with interrupted_by_signals():
                command(**given)
        except (Interrupted, RuntimeError) as error:
            # uvloop runs handlers also while it leaves a loop, which then cannot be closed.
            interrupted = _interruption(error)
            if interrupted is None:
                raise
            # Output that waits for a reader must not hold up the end of the process.
            silence(sys.stdout)
            sys.exit(signal_code(interrupted.number))
        except BoomtalkError as error:
            tell(error)
            sys.exit(error.exit_code)

    return run


def tell(error: BoomtalkError) -> None:
    """Say on stderr what is wrong, and what to do."""
    say(sys.stderr, f"error: {error}" + (f"\n{error.hint}" if error.hint else ""))


def _interruption(error: BaseException | None) -> Interrupted | None:
    """Return the signal that led to this error, if one did."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__context__
    return error
