"""The interface of a load run, on this machine's loop or on shards, and its outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ..http.channel import Wire
from ..measure.health import HealthSnapshot
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import Slice, Snapshot
from ..measure.thresholds import Verdict
from ..scenario.kept import Kept
from ..scenario.once import Row
from ..scenario.scenario import RowUse
from ..stop import Stop
from .preflight import RowStock
from .shape import Load

# Is called with each second of a run when it ends.
SecondListener = Callable[[Slice], None]
# A kept request. Shards send theirs as plain values, in which secrets are masked.
KeptRequest = Kept | Mapping[str, Any]


class Outcome(Struct, frozen=True):
    """All results of a run, at its end or at any moment before.

    `stopped_by` is a reason of the JSON report, None while the run goes on. `never_started`
    counts users that the run ended before they started.
    """

    snapshot: Snapshot
    health: HealthSnapshot
    plugins: tuple[PluginSnapshot, ...]
    wire: Wire
    stopped_by: str | None
    signal: int | None
    verdicts: tuple[Verdict, ...]
    never_started: int
    parameters: tuple[RowUse, ...] = ()


class LoadRun(Protocol):
    """A load test: await `prepare`, then `execute`, once each; its numbers can be read any time."""

    @property
    def load(self) -> Load: ...
    @property
    def stop(self) -> Stop: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def row_stocks(self) -> tuple[RowStock, ...]: ...
    @property
    def once_rows(self) -> Mapping[Row, str]: ...
    @property
    def listeners(self) -> list[SecondListener]: ...

    async def prepare(self) -> None: ...
    async def execute(self) -> Outcome: ...

    def cut(self) -> Outcome: ...
    def elapsed(self) -> float: ...
    def snapshot(self) -> Snapshot: ...
    def progress(self) -> Outcome: ...
    def outcome(self) -> Outcome: ...
    def take_failures(self) -> Sequence[KeptRequest]: ...
    def slowest(self) -> Sequence[KeptRequest]: ...

    def mark(self, what: str) -> None: ...
    def toggle_pause(self) -> None: ...
    def add_users(self, number: int) -> None: ...
