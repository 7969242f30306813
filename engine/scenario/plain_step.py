"""A plain step is a request whose response is judged at once, as those of most steps are.

`walk.py` takes users through them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import asdict

from ..http.head import Head
from ..http.request import Request
from ..http.response import Response
from ..values.expressions import Scope
from ..values.extraction import ResponseView
from .request_step import CompiledRequest, Make

# Longer bodies are judged each time, so that no step keeps megabytes.
LONGEST_JUDGED_ONCE = 65536


class PlainRequest(CompiledRequest):
    """A request step without hooks, neither traced nor recorded, that is judged without a plugin.

    Where `awaits`, its variables or its request call a plugin, and `made` may not be used.

    If `bytes_decide` whether its checks hold, the same bytes need not be judged again: a response
    with `passed_content` passes if it has `passed_head` or `passed_status`.
    """

    made: Make
    awaits: bool
    has_variables: bool
    extract: tuple[tuple[str, Callable[[ResponseView, Scope], Any]], ...]
    check: tuple[Callable[[ResponseView, Scope], None], ...]
    bytes_decide: bool
    is_of_document: bool
    passed_content: bytes | None = None
    passed_head: Head | None = None
    passed_status: int | None = None

    @classmethod
    def over(cls, step: CompiledRequest) -> PlainRequest:
        """Return the step in this form; it must be plain."""
        extractions, checks = step.processors.extractions, step.processors.checks
        return cls(
            made=step.make or _never,
            awaits=step.make is None or step.variables.awaits,
            has_variables=not step.variables.is_empty,
            extract=tuple((name, one.value) for name, one in extractions.items()),
            check=tuple(one.run for one in checks),
            bytes_decide=step.processors.bytes_decide,
            is_of_document=all(one.actual.is_of_document for one in checks),
            **asdict(step),
        )

    def remember(self, response: Response) -> None:
        """Note a response that has passed all checks, where `bytes_decide`."""
        content = response.content
        if len(content) > LONGEST_JUDGED_ONCE:
            return
        self.passed_content, self.passed_head = content, response.head
        # JSON in ASCII means the same whatever the rest of the head says; see `read_json`.
        is_json = content.isascii() and response.body.__class__ is not str
        self.passed_status = response.status if self.is_of_document and is_json else None


def _never(scope: Mapping[str, Any]) -> Request:
    raise AssertionError("the request has to be awaited")
