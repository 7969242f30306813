"""Cut a load into one part per shard; the parts add up to exactly the load."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from ..errors import UsageError
from ..load.shape import ArrivalRate, Load, Ramp, Shape, Stage, Stages


class Part(Struct, frozen=True):
    """Part `index` (from 0) of `of` parts: things are dealt to the parts in turn."""

    index: int
    of: int

    def count(self, whole: int) -> int:
        """Return the number of the first `whole` things that this part gets."""
        return len(range(self.index, whole, self.of))


class RampPart(Ramp, frozen=True, kw_only=True):
    """A ramp of the users that this part gets: its first, the one `of` later, and so on."""

    whole: Ramp
    part: Part

    def users_wanted(self, elapsed: float) -> int:
        return self.part.count(self.whole.users_wanted(elapsed))


class StagesPart(Stages, frozen=True, kw_only=True):
    """Stages of this part's users; the numbers of the stages are those of the whole load."""

    part: Part

    @property
    def peak(self) -> int:
        return self.part.count(Stages(self.stages, self.start).peak)

    def users_wanted(self, elapsed: float) -> int:
        return self.part.count(Stages(self.stages, self.start).users_wanted(elapsed))


class ArrivalPart(ArrivalRate, frozen=True, kw_only=True):
    """The starts of an open load that this part gets, each due as in the whole load."""

    whole: ArrivalRate
    part: Part

    def due_times(self, duration: float | None = None) -> Iterator[float]:
        return islice(self.whole.due_times(duration), self.part.index, None, self.part.of)


def part_of(load: Load, part: Part) -> Load:
    """Return the load of one shard.

    Users, starts and iterations are dealt in turn, so that the parts add up at every moment;
    limits per second are divided; a seed becomes another one for each part.
    """
    of = part.of
    return replace(
        load,
        shape=_shape(load.shape, part),
        iterations=None if load.iterations is None else part.count(load.iterations),
        max_requests=None if load.max_requests is None else load.max_requests / of,
        max_iterations=None if load.max_iterations is None else load.max_iterations / of,
        increase=None if load.increase is None else (load.increase[0] / of, load.increase[1]),
        seed=None if load.seed is None else load.seed * of + part.index,
    )


def check_parts(load: Load, of: int) -> None:
    """Raise UsageError if a part would have no user."""
    if load.users < of:
        raise UsageError(
            f"{of} shards cannot share {load.users} user{'' if load.users == 1 else 's'}",
            "ask for more users, or fewer --shards",
        )


def _shape(shape: Shape, part: Part) -> Shape:
    if isinstance(shape, Ramp):
        users = part.count(shape.users)
        return RampPart(users, shape.spawn_rate, whole=shape, part=part)
    if isinstance(shape, Stages):
        return StagesPart(shape.stages, shape.start, part=part)
    stages = tuple(Stage(one.duration, one.target / part.of) for one in shape.stages)
    users = part.count(shape.max_users)
    return ArrivalPart(shape.rate / part.of, users, stages, whole=shape, part=part)
