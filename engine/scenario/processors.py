"""Run the hooks, extractions and checks of a step, before and after its request or message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..case.model import RequestStep, WebSocketStep
from ..values.assertions import Check
from ..values.extraction import Extraction, ResponseView
from ..values.found_nothing import found_nothing
from .functional_trace import Trace
from .hooks import CompiledHook
from .session import Session
from .static_scope import StaticScope

_REQUESTS = frozenset({"request", "hrp_step_request"})
_RESPONSES = frozenset({"response", "hrp_step_response"})


class Processors(Struct, frozen=True):
    """The compiled hooks, extractions and checks of a step, in the order in which they run."""

    setup_hooks: Sequence[CompiledHook]
    teardown_hooks: Sequence[CompiledHook]
    extractions: Mapping[str, Extraction]
    checks: Sequence[Check]

    @property
    def awaits(self) -> bool:
        """Return whether anything after the response has to be awaited."""
        extractions = any(extraction.awaits for extraction in self.extractions.values())
        return (
            bool(self.teardown_hooks) or extractions or any(check.awaits for check in self.checks)
        )

    @property
    def bytes_decide(self) -> bool:
        """Whether the same bytes of a response always give the same verdict, and there is one."""
        return bool(self.checks) and all(check.bytes_decide for check in self.checks)

    async def judge(self, session: Session, response: ResponseView, scope: dict[str, Any]) -> None:
        """Extract, then check; raises StepFailed at the first check that fails.

        A functional run first runs all checks, because its report shows each of them.
        """
        for name, extraction in self.extractions.items():
            value = (
                await extraction.value_async(response, scope)
                if extraction.awaits
                else extraction.value(response, scope)
            )
            # The step's own checks see the value in `scope`, later steps in the session.
            scope[name] = session.variables[name] = value
        if session.journal is not None:
            await self._write_down(session.journal.current, response, scope)
            return
        for check in self.checks:
            if check.awaits:
                await check.run_async(response, scope)
            else:
                check.run(response, scope)

    async def _write_down(
        self, trace: Trace, response: ResponseView, scope: Mapping[str, Any]
    ) -> None:
        trace.extracted = {name: scope[name] for name in self.extractions}
        trace.missing = {
            name: found_nothing(one, response, scope)
            for name, one in self.extractions.items()
            if scope[name] is None
        }
        for check in self.checks:
            verdict = await check.judge(response, scope)
            if verdict.failure is not None and verdict.actual is None:
                verdict = replace(verdict, note=found_nothing(check.actual, response, scope))
            trace.checks.append(verdict)
        failures = (verdict.failure for verdict in trace.checks if verdict.failure is not None)
        if (first := next(failures, None)) is not None:
            raise first


def compile_processors(step: RequestStep | WebSocketStep, scope: StaticScope) -> Processors:
    """Compile the hooks, extractions and checks of a step in its scope."""
    hooked = scope.inner({*_REQUESTS, "hrp_step_name"})
    setup = hooked.hooks(step.setup_hooks, _REQUESTS)
    hooked.define(_RESPONSES)
    teardown = hooked.hooks(step.teardown_hooks, _RESPONSES)
    assigned = {hook.assign for hook in (*step.setup_hooks, *step.teardown_hooks) if hook.assign}
    after = scope.inner(assigned)
    return Processors(setup, teardown, after.extractions(step.extract), after.checks(step.validate))
