"""Find out from the numbers of a run what limited its throughput."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from msgspec import Struct

from ..measure.health import HealthSnapshot
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import Snapshot
from .shape import Load

_MOST_CPU = 80.0
# Percent of the time that the generator waited for a core: the target looks slower by as much.
_MOST_WAIT = 20.0
# Of the mean latency.
_LEAST_SHOWN = 0.1
_MOST_LAG = 0.05


LimitName = Literal[
    "none",
    "server",
    "generator_cpu",
    "event_loop",
    "plugin",
    "connections",
    "ports",
    "rate_cap",
    "schedule",
]
LIMITS: tuple[LimitName, ...] = get_args(LimitName)


class TimeSplit(Struct, frozen=True):
    """Shares, 0..1, of the users' time: the target, connecting, plugin calls, and the rest.

    The rest is think time, waiting for a rate limit, and the generator's own work.
    """

    server: float = 0.0
    network: float = 0.0
    plugin: float = 0.0
    rest: float = 0.0


class Limit(Struct, frozen=True):
    """The limit of a run: `name` is a value of the report's `limited_by`, `evidence` the reason."""

    name: LimitName
    evidence: str


def time_split(snapshot: Snapshot, plugins: Sequence[PluginSnapshot]) -> TimeSplit:
    """Return how the users' time was spent, over the iterations that have ended."""
    whole = sum(row.duration.total for row in snapshot.transactions if row.name == "Action")
    if whole <= 0:
        return TimeSplit()
    plugin = sum(view.wait.total + view.run.total for view in plugins)
    server, network = snapshot.total.latency.total, snapshot.total.connect.total
    # Requests and calls of iterations that still run are counted, their durations are not.
    whole = max(whole, server + network + plugin)
    rest = whole - server - network - plugin
    return TimeSplit(server / whole, network / whole, plugin / whole, rest / whole)


def limit_of(
    snapshot: Snapshot, health: HealthSnapshot, plugins: Sequence[PluginSnapshot], load: Load
) -> Limit:
    """Return the first resource that was at its limit.

    The generator's own limits come first: where they apply, other numbers cannot be trusted.
    """
    return next(_limits(snapshot, health, plugins, load))


def _limits(
    snapshot: Snapshot, health: HealthSnapshot, plugins: Sequence[PluginSnapshot], load: Load
) -> Iterator[Limit]:
    kinds = {error.kind: error.count for error in snapshot.errors}
    if "port_limit" in kinds:
        yield Limit("ports", f"{kinds['port_limit']} connections found no free port")
    if "fd_limit" in kinds:
        yield Limit("connections", f"{kinds['fd_limit']} connections found no free file")
    if _all_failed(snapshot):
        # What took the time of requests that all failed says nothing about any throughput.
        yield Limit("none", "no request succeeded")
    if health.cpu_mean > _MOST_CPU or (_lacks_a_core(health) and _shows(snapshot, health)):
        yield Limit("generator_cpu", _cpu(health))
    lag = health.lag.percentile(99) or 0.0
    if lag > _MOST_LAG and _shows(snapshot, health):
        yield Limit("event_loop", f"loop lag p99 {lag * 1000:.0f} ms")
    yield from _outside(snapshot, plugins, load)
    yield Limit("none", f"{health.cpu_mean:.0f} % of one core, loop lag p99 {lag * 1000:.1f} ms")


def _all_failed(snapshot: Snapshot) -> bool:
    counts = snapshot.accounting
    return not counts.ok and counts.failed + counts.not_issued > 0


def _lacks_a_core(health: HealthSnapshot) -> bool:
    waited = health.cpu_wait_mean
    return health.cpu_mean + waited > _MOST_CPU or waited > _MOST_WAIT


def _shows(snapshot: Snapshot, health: HealthSnapshot) -> bool:
    """Return whether the generator's delays are a part of the latencies that matters.

    Users wait for a slow target anyway, and a wait for a core hardly lengthens that.
    """
    if not health.is_trusted:
        return True
    added, latency = health.added.mean, snapshot.total.latency.mean
    return added is None or not latency or added > _LEAST_SHOWN * latency


def _cpu(health: HealthSnapshot) -> str:
    used = f"{health.cpu_mean:.0f} % of one core on average"
    waited = health.cpu_wait_mean
    return used if waited < 5 else f"{used}, and waited for a core for {waited:.0f} % of the time"


def _outside(snapshot: Snapshot, plugins: Sequence[PluginSnapshot], load: Load) -> Iterator[Limit]:
    split = time_split(snapshot, plugins)
    yield from _plugin_limits(snapshot.elapsed, plugins, split)
    if split.network > 0.5:
        yield Limit("connections", f"{split.network:.0%} of the users' time went into connecting")
    yield from _caps(snapshot, load)
    if snapshot.iterations.no_user:
        yield Limit("server", f"{snapshot.iterations.no_user} starts found no free user")
    if load.model == "open":
        yield Limit("schedule", "every start had a free user")
    if split.server > 0.5:
        yield Limit("server", f"{split.server:.0%} of the users' time was waiting for responses")
    if split.rest > 0.5:
        yield Limit("schedule", f"{split.rest:.0%} of the users' time was think time or waiting")


def _plugin_limits(
    elapsed: float, plugins: Sequence[PluginSnapshot], split: TimeSplit
) -> Iterator[Limit]:
    for view in plugins:
        busy = 100 * (view.cpu_seconds or 0.0) / max(elapsed, 1e-9)
        if busy > _MOST_CPU:
            yield Limit("plugin", f"{view.path} used {busy:.0f} % of one core")
    if split.plugin > 0.5:
        yield Limit("plugin", f"{split.plugin:.0%} of the users' time went into plugin calls")


def _caps(snapshot: Snapshot, load: Load) -> Iterator[Limit]:
    seconds = max(snapshot.elapsed, 1e-9)
    requests, iterations = snapshot.accounting.issued, snapshot.iterations.started
    if load.limits_requests:
        cap = load.request_rate(snapshot.elapsed)
        if requests / seconds > 0.9 * cap:  # not 1.0: the ramp-up and the end have fewer requests
            yield Limit("rate_cap", f"{requests / seconds:.0f} of {cap:.0f} requests/s")
    if load.max_iterations and iterations / seconds > 0.9 * load.max_iterations:
        yield Limit("rate_cap", f"{load.max_iterations:g} iterations/s were allowed")
