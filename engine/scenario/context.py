"""What a case must know of the run it is compiled for."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..http.options import HttpOptions
from ..measure.samples import Recorder
from .kept import Keeper


@dataclass(frozen=True, slots=True)
class CompileContext:
    """`base_url`, if given, beats every other base; `users` is how many can meet (0: nobody).

    With `traced` every step writes into the session's journal: a functional run. With a
    `recorder` every request has an id and leaves a sample; a `keeper` is given failures and slow
    requests. Parameter rows that are `unique` start again at their end if the run `recycles_rows`;
    else they end the load. `share` is which of how many engines this one is: the rows are dealt
    between them.
    """

    http: HttpOptions = field(default_factory=HttpOptions)
    base_url: str | None = None
    users: int = 0
    traced: bool = False
    recorder: Recorder | None = None
    keeper: Keeper | None = None
    recycles_rows: bool = False
    share: tuple[int, int] = (0, 1)
