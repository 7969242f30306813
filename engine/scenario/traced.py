"""A step of a functional run: it runs as under load, and writes down how it went."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from time import perf_counter

from ..errors import StepFailed
from ..values.expressions import Scope, Template
from ..values.text import to_text
from .journal import Journal, Trace
from .session import CompiledStep, Session


@dataclass(frozen=True, slots=True)
class Title:
    """The name of a step: rendered where that is possible, else as it was written."""

    written: str
    template: Template | None

    async def render(self, scope: Scope) -> str:
        if self.template is None or self.template.constant:
            return self.written
        try:
            return to_text(await self.template.render_async(scope))
        except StepFailed:
            return self.written


@dataclass(slots=True)
class Traced:
    """A step that writes into the session's journal; an outer step writes only its own failures."""

    step: CompiledStep
    title: Title
    type: str
    is_outer: bool = False

    async def run(self, session: Session) -> None:
        journal = session.journal
        assert journal is not None
        name = await self.title.render(session.variables) + journal.suffix
        trace = Trace(name, self.type, time.time())
        began_at = perf_counter()
        if not self.is_outer:
            journal.current = trace
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
