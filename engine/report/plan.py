"""What a load would do, told before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..load.shape import ArrivalRate, Load
from ..measure.snapshot import Snapshot
from .format import clock, count, harmless

# Measured with a case of one request: the process itself, and each user with its connection.
_OWN_MEGABYTES = 60
_USER_KILOBYTES = 20
_MOMENTS = 9


def plan(load: Load, snapshot: Snapshot, open_files: int | None) -> RenderableType:
    """Return the load over time, what it needs of this machine, and the steps it will count.

    `snapshot` is that of a prepared run; `open_files` the limit of this process, None for none.
    """
    return Group(
        Text("nothing is sent: this is the plan", style="bold"),
        _ends(load),
        _over_time(load),
        _needs(load, open_files),
        _steps(snapshot),
    )


def moments(load: Load) -> Sequence[float]:
    """Return the seconds at which the plan shows the load, evenly over its length."""
    seconds = load.seconds if load.seconds is not None else 10.0
    return [seconds * number / (_MOMENTS - 1) for number in range(_MOMENTS)]


def _ends(load: Load) -> Text:
    ends = []
    if load.seconds is not None:
        ends.append(f"after {clock(load.seconds)}")
    if load.iterations_asked is not None:
        ends.append(f"after {count(load.iterations_asked)} iterations")
    text = f"{load.model} load, ends {' or '.join(ends) if ends else 'at Ctrl-C'}"
    if load.warmup:
        text += f", after a warm-up of {load.warmup:g} s"
    return Text(f"{text}; then up to {load.graceful_stop:g} s for what is under way")


def _over_time(load: Load) -> RenderableType:
    shape = load.shape
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("at", justify="right")
    if isinstance(shape, ArrivalRate):
        table.add_column("starts so far", justify="right")
        for moment in moments(load):
            table.add_row(f"{moment:.1f} s", count(sum(1 for _ in shape.due_times(moment))))
    else:
        table.add_column("users", justify="right")
        for moment in moments(load):
            table.add_row(f"{moment:.1f} s", count(shape.users_wanted(moment)))
    return table


def _needs(load: Load, open_files: int | None) -> Text:
    files = load.users + 64
    limit = "no limit" if open_files is None else f"limit {count(open_files)}"
    memory = _OWN_MEGABYTES + load.users * _USER_KILOBYTES / 1000
    return Text(
        f"at most {count(load.users)} users: {count(files)} open files ({limit}),"
        f" about {memory:.0f} MB"
    )


def _steps(snapshot: Snapshot) -> Text:
    return Text("\n").join([Text("steps:"), *_step_lines(snapshot)])


def _step_lines(snapshot: Snapshot) -> Iterator[Text]:
    for step in snapshot.steps:
        yield Text(f"  {harmless(step.case)}: {harmless(step.name)} ({step.type})")
