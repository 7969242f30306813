"""This module names steps and cases: as written in counts, with values in a functional run."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from ..case.model import (
    Config,
    ReferenceStep,
    RequestStep,
    Step,
    ThinkTimeStep,
    TransactionStep,
    WebSocketStep,
    Written,
)
from ..errors import CaseError
from ..values.expressions import Functions, Scope, Template, compile_template
from ..values.text import to_text


class Title(Struct, frozen=True):
    """The name of a step or case: rendered if that is possible, else as it is written.

    If it `reads_own` variables of its step, it can be rendered only once these have values.
    """

    written: str
    template: Template | None
    reads_own: bool = False

    async def before(self, scope: Scope) -> str:
        """Return the name before the step's own variables have values."""
        return self.written if self.reads_own else await self.render(scope)

    async def render(self, scope: Scope) -> str:
        if self.template is None or self.template.constant:
            return self.written
        try:
            return to_text(await self.template.render_async(scope))
        except Exception:  # a name only has to be shown: no value in it fails a step
            return self.written


def compile_title(
    name: str, named: Step | Config, functions: Functions, names: Collection[str]
) -> Title:
    """Prepare the name as a functional run shows it; a name may be anything, also wrong.

    `names` are those that the scope is known to hold.
    """
    try:
        template = compile_template(Written(name, named.place), functions, names)
    except CaseError:
        return Title(name, None)
    every = named.variables_from is not None
    own = template.variables if every else template.variables & named.variables.keys()
    return Title(name, template, bool(own))


def name_of(step: Step) -> str:
    """Return the name as it is written, or method and URL for a request without a name."""
    if isinstance(step, RequestStep) and not step.name.value:
        return f"{_method(step)} {step.url.value}"
    return str(step.name.value)


def kind_of(step: Step) -> str:
    """Return HttpRunner's word for the type of the step."""
    match step:
        case RequestStep():
            return "api" if step.origin == "api" else f"request-{_method(step)}"
        case WebSocketStep():
            return f"websocket-{step.action}"
        case ReferenceStep():
            return "testcase"
        case TransactionStep():
            return "transaction"
        case ThinkTimeStep():
            return "think_time"
    return "rendezvous"


def _method(step: RequestStep) -> str:
    """Return the method in capitals, unless it is an expression."""
    written = step.method.value
    return str(written) if "$" in written else str(written).upper()
