"""A plain step is a request that awaits nothing but its response, as most steps of a load are.

`walk.py` takes users through them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from ..values.expressions import Scope
from ..values.extraction import ResponseView
from .request_step import CompiledRequest, Make


@dataclass(slots=True)
class PlainRequest(CompiledRequest):
    """A request step that has no hooks, calls no plugin and is neither traced nor recorded."""

    made: Make
    has_variables: bool
    extract: tuple[tuple[str, Callable[[ResponseView, Scope], Any]], ...]
    check: tuple[Callable[[ResponseView, Scope], None], ...]

    @classmethod
    def over(cls, step: CompiledRequest) -> PlainRequest:
        """Return the step in this form; it must be plain."""
        assert step.make is not None
        extractions, checks = step.processors.extractions, step.processors.checks
        return cls(
            made=step.make,
            has_variables=not step.variables.is_empty,
            extract=tuple((name, one.value) for name, one in extractions.items()),
            check=tuple(one.run for one in checks),
            **{one.name: getattr(step, one.name) for one in fields(step)},
        )
