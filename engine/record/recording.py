"""Record a run while it goes on: in its directory, and for those who look on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..case.model import Case
from ..load.load_run import KeptRequest, LoadRun
from ..measure.snapshot import Slice
from ..output.masking import Mask
from ..report.json_report import About, about_of, progress_of
from .origin import origin_of
from .samples import sample_of


class Taker(Protocol):
    """Takes the words of a run, as its directory does."""

    def begin(self, about: Mapping[str, Any], /) -> None: ...

    def add_samples(self, samples: Iterable[Mapping[str, Any]], /) -> None: ...

    def take(self, ended: Slice, elapsed: float, so_far: Mapping[str, Any], /) -> None: ...


def record_run(
    run: LoadRun, cases: Sequence[Case], takers: Sequence[Taker], about: About, mask: Mask
) -> None:
    """Begin the record of a run, and add each of its seconds when it ends.

    Each second is put into words once for all takers.
    """

    def progress() -> dict[str, Any]:
        return progress_of(run.progress(), run.load)

    def add(ended: Slice) -> None:
        samples = list(plain_samples(run.take_failures(), mask))
        elapsed, so_far = run.elapsed(), progress()
        for taker in takers:
            taker.add_samples(samples)
            taker.take(ended, elapsed, so_far)

    # All files of the cases are read for it.
    known = {**about_of(about), "origin": origin_of(cases), "so_far": progress()}
    for taker in takers:
        taker.begin(known)
    run.listeners.append(add)


def plain_samples(kept: Iterable[KeptRequest], mask: Mask) -> Iterator[Mapping[str, Any]]:
    """Return kept requests as plain, masked values; those of shards are so already."""
    for one in kept:
        yield one if isinstance(one, Mapping) else sample_of(one, mask)
