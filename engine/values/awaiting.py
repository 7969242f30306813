"""An evaluation yields what it has to await, and takes the results: it needs no task for that."""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any, TypeVar

Made = TypeVar("Made")
Evaluation = Generator[Awaitable[Any], Any, Made]


async def awaited(evaluation: Evaluation[Made], first: Awaitable[Any] | None = None) -> Made:
    """Run an evaluation to its end; `first` is what it has yielded already."""
    try:
        pending = next(evaluation) if first is None else first
        while True:
            try:
                value = await pending
            except BaseException as error:
                pending = evaluation.throw(error)
            else:
                pending = evaluation.send(value)
    except StopIteration as end:
        made: Made = end.value
        return made
