"""Run a step of a functional run: the same step as in a load, and a record of its outcome."""

from __future__ import annotations

import asyncio
import time
from time import perf_counter

from msgspec import Struct

from ..errors import StepFailed
from .functional_trace import Journal, Trace
from .session import CompiledStep, Session
from .titles import Title


class TracedStep(Struct):
    """Runs a step, and writes its trace into the session's journal.

    A step that contains others (`is_outer`) is recorded only if it fails itself.
    """

    step: CompiledStep
    title: Title
    type: str
    is_outer: bool = False

    async def run(self, session: Session) -> None:
        journal = session.journal
        assert journal is not None
        name = await self.title.before(session.variables) + journal.suffix
        trace = Trace(name, self.type, time.time())
        began_at = perf_counter()
        if not self.is_outer:
            journal.begin(trace, self.title)
        try:
            await self.step.run(session)
        except StepFailed as failure:
            if not journal.has_told(failure):
                self._end(journal, trace, began_at, failure)
            if not journal.keeps_going:
                raise
        except asyncio.CancelledError:
            if not self.is_outer:
                cut = StepFailed("other", "cut by the end of the run", "cancelled")
                self._end(journal, trace, began_at, cut)
            raise
        else:
            if not self.is_outer:
                self._end(journal, trace, began_at, None)

    def _end(
        self, journal: Journal, trace: Trace, began_at: float, failure: StepFailed | None
    ) -> None:
        trace.failure = failure
        if not trace.elapsed:
            trace.elapsed = perf_counter() - began_at
        journal.end(trace)
