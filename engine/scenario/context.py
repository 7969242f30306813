"""The run as the compiler of cases sees it."""

from __future__ import annotations

from msgspec import Struct, field

from ..measure.added import AddedLatency
from ..measure.samples import Recorder
from ..settings import RunSettings
from .kept import Keeper


class CompileContext(Struct, frozen=True):
    """Settings of the run, and the receivers of details besides the counters.

    `users` is the number of users that can meet at a rendezvous (0 in a functional run, where
    no user waits). In a `traced` run every step writes into the session's journal. With a
    `recorder` every request has an id and leaves a sample; a `keeper` is given failures and slow
    requests; `added` probes some of the requests.
    """

    settings: RunSettings = field(default_factory=RunSettings)
    users: int = 0
    traced: bool = False
    recorder: Recorder | None = None
    keeper: Keeper | None = None
    added: AddedLatency | None = None
