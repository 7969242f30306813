"""Check before a load whether the machine can carry it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ..errors import UsageError
from ..http.options import HttpOptions
from ..scenario.scenario import Scenario
from .machine import Machine
from .shape import ArrivalRate, Load

# Files for the loop, the log, results and plugins, and a margin.
_OWN_FILES = 64
# Bytes measured with a case of one request and a pause: the process itself, each user with its
# connection, and the extra memory of a connection with TLS.
_OWN_MEMORY = 60_000_000
_USER_MEMORY = 15_000
_TLS_MEMORY = 47_000
_MEGABYTE = 1_000_000


class Needs(Struct, frozen=True):
    """The resources that a load needs at most, as far as that is known before it runs.

    `connections` are to one address at once, `ports` of them take a port. `new_per_second`
    connections are opened and closed again (None: unknown) for `seconds` (None: until the load
    is stopped). Memory is in bytes without plugins; `tls_memory` is the total with TLS.
    """

    users: int
    connections: int
    ports: int
    new_per_second: float | None
    seconds: float | None
    memory: int
    tls_memory: int

    @property
    def files(self) -> int:
        """The number of open files if all connections go to one address."""
        return self.connections + _OWN_FILES

    @property
    def files_of_two(self) -> int:
        """The number of open files if the cases use two hosts."""
        return 2 * self.connections + _OWN_FILES


class RowStock(Struct, frozen=True):
    """The rows of one parameter group: how many there are, and how many the load needs at most.

    `needed` is None if rows are used repeatedly, or the number of iterations is not limited.
    """

    case: str
    names: tuple[str, ...]
    pick_order: str
    rows: int
    needed: int | None

    @property
    def is_short(self) -> bool:
        """Return whether the load will run out of rows before its own end."""
        return self.needed is not None and self.needed > self.rows


def needs_of(load: Load, http: HttpOptions) -> Needs:
    """Return the resources that this load needs with these connection options."""
    users = load.users
    connections = min(users, http.max_connections or users)
    memory = _OWN_MEMORY + users * _USER_MEMORY
    return Needs(
        users=users,
        connections=connections,
        ports=connections if http.unix_socket is None else 0,
        new_per_second=0.0 if http.keepalive or http.unix_socket else _asked_per_second(load),
        seconds=load.seconds,
        memory=memory,
        tls_memory=memory + connections * _TLS_MEMORY,
    )


def check(needs: Needs, machine: Machine) -> list[str]:
    """Return a warning for each resource that may run short.

    Raises UsageError if one certainly will: fewer files than connections, or less memory than
    the users need.
    """
    _refuse_files(needs, machine.most_files)
    _refuse_memory(needs, machine.memory)
    return [
        *_file_warnings(needs, machine),
        *_port_warnings(needs, machine),
        *_memory_warnings(needs, machine),
    ]


def row_stocks(scenarios: Sequence[Scenario], load: Load) -> tuple[RowStock, ...]:
    """Return for each parameter group how many rows there are and how many are needed."""
    return tuple(_stocks(scenarios, load))


def most_new_per_second(machine: Machine) -> float | None:
    """Return how many connections to one address may be closed per second.

    Each closed one holds its port for a while, so a higher rate runs out of ports.
    """
    return None if machine.ports is None else machine.ports / machine.port_seconds


def _stocks(scenarios: Sequence[Scenario], load: Load) -> Iterator[RowStock]:
    iterations = _iterations(load)
    for scenario in scenarios:
        rows = scenario.rows
        for dealt in rows.groups if rows is not None else ():
            order, names = dealt.group.pick_order, dealt.group.names
            is_used_up = order == "unique" and rows is not None and not rows.recycles
            needed = load.users if scenario.keeps_rows else iterations
            yield RowStock(
                scenario.name, names, order, len(dealt.rows), needed if is_used_up else None
            )


def _iterations(load: Load) -> int | None:
    """Return how many iterations the load starts at most, None if it has no such limit."""
    numbers = [] if load.iterations_asked is None else [load.iterations_asked]
    if isinstance(load.shape, ArrivalRate) and load.seconds is not None:
        numbers.append(sum(1 for _ in load.shape.due_times(load.seconds + load.warmup)))
    return min(numbers, default=None)


def _asked_per_second(load: Load) -> float | None:
    """Return the peak rate of requests per second, at least one per iteration; None if unknown.

    Without keep-alive every request opens a connection.
    """
    shape = load.shape
    rates = [rate for rate in (load.max_requests, load.max_iterations) if rate is not None]
    if isinstance(shape, ArrivalRate):
        rates.append(max([shape.rate, *(stage.target for stage in shape.stages)]))
    return min(rates, default=None)


def _refuse_files(needs: Needs, most: int | None) -> None:
    if most is not None and needs.files > most:
        raise UsageError(
            f"{needs.connections} users need {needs.files} open files, the hard limit is {most}",
            f"use fewer users or --max-connections, or raise it (ulimit -Hn {needs.files_of_two})",
        )


def _refuse_memory(needs: Needs, memory: int | None) -> None:
    if memory is not None and needs.memory > memory:
        raise UsageError(
            f"{needs.users} users need at least {_mb(needs.memory)}, but this machine has only"
            f" {_mb(memory)}",
            "use fewer users, or give the machine or its container more memory",
        )


def _file_warnings(needs: Needs, machine: Machine) -> Iterator[str]:
    if machine.most_files is not None and needs.files_of_two > machine.most_files:
        yield (
            f"only {machine.most_files} files may be open, too few if the cases use two hosts:"
            f" raise the limit (ulimit -Hn {needs.files_of_two}) or use fewer users"
        )


def _port_warnings(needs: Needs, machine: Machine) -> Iterator[str]:
    # Warnings only: several addresses of the target, or of this machine, have more ports.
    ports, most = machine.ports, most_new_per_second(machine)
    if ports is None or most is None:
        return
    if needs.ports > ports:
        yield (
            f"{needs.ports} connections at once, but only {ports} ports to one address: use fewer"
            " users, set --max-connections, or widen net.ipv4.ip_local_port_range"
        )
    new = needs.new_per_second or 0.0
    seconds = min(machine.port_seconds, needs.seconds or machine.port_seconds)
    if new > most and needs.ports + new * seconds > ports:
        yield (
            f"{new:g} connections closed per second, but each holds its port for"
            f" {machine.port_seconds:g} s: above {most:.0f} per second to one address the ports run"
            " out; keep connections alive, or widen net.ipv4.ip_local_port_range"
        )


def _memory_warnings(needs: Needs, machine: Machine) -> Iterator[str]:
    free = machine.free_memory
    if free is not None and needs.memory > free:
        needed = _mb(needs.memory)
        yield f"{needs.users} users need at least {needed}, but only {_mb(free)} are free"


def _mb(size: int) -> str:
    return f"{size / _MEGABYTE:.0f} MB"
