"""Answer questions about the steps of a case before it is compiled: which run in each iteration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from ..case.model import Case, Once, ReferenceStep, RequestStep, Step, ThinkTimeStep, WebSocketStep
from ..errors import Problem

_REASONS: Mapping[Once, str] = {
    "run": "a step with once: run comes before all others and has no parameter row",
    "end": "a step with once: end has no parameter row, and of other steps it gets only what"
    " those with once: run extract",
}


def names_elsewhere(case: Case, once: Once) -> dict[str, str]:
    """Return the names that only other steps of the case know, each with the reason."""
    return dict.fromkeys(_names(case, once), _REASONS.get(once, ""))


def _names(case: Case, once: Once) -> Iterator[str]:
    for group in case.config.parameters:
        yield from group.names
    for step in case.steps:
        if step.once not in ("run", once):
            yield from step.gives


def inner_once(step: Step) -> Problem:
    """Return the problem of a step in a referenced case that would run once per run."""
    what = f"once: {step.once} has no place in a referenced case"
    return Problem(
        replace(step.place, key="once"), what, "write it on the step that references the case"
    )


def has_user_steps(case: Case) -> bool:
    """Return whether an iteration has `once: user` steps, also in references."""
    return any(map(_has_user_steps, case.steps))


def _has_user_steps(step: Step) -> bool:
    if step.once is not None:
        return step.once == "user"
    return isinstance(step, ReferenceStep) and has_user_steps(step.case)


def surely_awaits(step: Step) -> bool:
    """Return whether the step always awaits something, in each iteration.

    If no step of a case does, a user must yield to the event loop after each iteration, or it
    would starve all others.
    """
    if step.once is not None or step.skip is not None or step.skip_unless is not None:
        return False
    if isinstance(step, ReferenceStep):
        return any(map(surely_awaits, step.case.steps))
    return isinstance(step, RequestStep | WebSocketStep | ThinkTimeStep)
