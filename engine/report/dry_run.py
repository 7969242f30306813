"""Show what a load would do, without sending anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..load.machine import Machine
from ..load.preflight import Needs, RowStock, most_new_per_second
from ..load.shape import ArrivalRate, Load
from ..measure.snapshot import Snapshot
from ..output.format import clock, count, harmless, megabytes
from ..scenario.once import Row

_MOMENTS = 9


def plan(
    load: Load,
    needs: Needs,
    machine: Machine,
    stocks: Sequence[RowStock],
    snapshot: Snapshot,
    once: Mapping[Row, str],
) -> RenderableType:
    """Return the load over time, the resources it needs and finds, and the steps of its report.

    `stocks`, `snapshot` and `once`, the rows of steps that are not part of each iteration, come
    from a run that was prepared but not started.
    """
    parts = [
        Text("nothing is sent: this is the plan", style="bold"),
        _ends(load),
        _over_time(load),
        Text(f"at most {count(needs.users)} users at once need"),
        _needs(needs, machine),
    ]
    return Group(*parts, *map(_stock, stocks), _steps(snapshot, once))


def moments(load: Load) -> Sequence[float]:
    """Return the seconds at which the plan shows the load, spread evenly over its duration."""
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
    return Text(f"{text}; then up to {load.graceful_stop:g} s for running iterations")


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


def _needs(needs: Needs, machine: Machine) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_row("  open files", count(needs.files), _limit(machine.files))
    table.add_row("  ports", count(needs.ports), _limit(machine.ports, " to one address"))
    most = most_new_per_second(machine)
    if needs.new_per_second != 0 and most is not None:
        new = "1 per request" if needs.new_per_second is None else f"{needs.new_per_second:g}/s"
        table.add_row("  new ports", new, f"limit: {most:.0f}/s ({machine.port_seconds:g} s each)")
    memory = f"{megabytes(needs.memory)} (TLS: {megabytes(needs.tls_memory)})"
    table.add_row("  memory", memory, f"free: {megabytes(machine.free_memory)}; plugins need more")
    return table


def _limit(most: int | None, what: str = "") -> str:
    return "no limit known" if most is None else f"limit: {count(most)}{what}"


def _stock(stock: RowStock) -> Text:
    names = harmless("-".join(stock.names))
    text = f"data rows of {names} ({harmless(stock.case)}): {count(stock.rows)}, {stock.pick_order}"
    if stock.needed is None:
        return Text(text)
    text += f", at most {count(stock.needed)} needed"
    return Text(f"{text}: the load ends early", "yellow") if stock.is_short else Text(text)


def _steps(snapshot: Snapshot, once: Mapping[Row, str]) -> Text:
    return Text("\n").join([Text("steps:"), *_step_lines(snapshot, once)])


def _step_lines(snapshot: Snapshot, once: Mapping[Row, str]) -> Iterator[Text]:
    for step in snapshot.steps:
        when = f", once: {once[step.key]}" if step.key in once else ""
        yield Text(f"  {harmless(step.case)}: {harmless(step.name)} ({step.type}{when})")
