"""Estimate what the generator itself adds to latencies, on a sample of the requests.

A request is really written at the end of the loop's turn, and its response waits in the socket
until the loop is on a core and has come to it. Nobody can see when it came: the socket keeps no
time. So a sampled request is followed by a probe, which makes the same two ways: it measures how
long the turn lasts after the request, and then lets the kernel wake the loop at a random moment
within the time that such a request takes. Probes hang on requests and not on a clock, so a pause
that few requests meet is in few probes, as it is in few latencies.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from math import inf
from time import perf_counter
from typing import Protocol

from msgspec import Struct

from .histogram import Histogram
from .kernel_timer import Timer, timer

# Enough for a 99th percentile within seconds; a probe costs about as much as a small request.
_PROBES_PER_SECOND = 100
# The rate of the first second is unknown, so the gap grows after each so many probes.
_FIRST_PROBES = 25
# A 99th percentile of a few hundred requests must not hang on one or two unlucky probes.
_LEFT_OUT = 2
# The probe comes this late in the usual time of a request, at least: near to its response.
_EARLIEST = 0.75
# The usual time grows no faster than this from one probe to the next: a wait that a probe did not
# see looks like a slow target, and later probes would miss a part of their waits for it.
_GROWTH = 1.25
_NEVER = 1 << 62


class Sender(Protocol):
    """Sends one request at a time; `sent_at` is when it wrote the last one, 0 before the first."""

    @property
    def sent_at(self) -> float: ...


class Probe(Struct, eq=False):
    """A probe beside one request of a step; it stands for `weight` requests.

    `sent_at` is when the latency of the request begins, `sending` the delay on the way out, `due`
    the moment at which the loop is to be woken, and `waiting` how late it was then. `latency` is
    that of the request, once it has ended. A request that had to connect first is not probed.
    """

    step: Hashable
    sender: Sender
    weight: int
    began_at: float
    sent_at: float = 0.0
    sending: float = 0.0
    due: float = inf
    waiting: float | None = None
    latency: float | None = None

    @property
    def met_the_request(self) -> bool:
        """Whether the loop was to be woken before the response had been received."""
        if self.latency is None or self.latency <= self.sending:
            return True
        return self.due <= self.sent_at + self.latency


class AddedLatency:
    """Probes one request of many, from `start` to `stop`.

    For a request that `is_next`, call `probe` just before it is sent, and `end` with its latency.
    `left` counts the requests down to the next one.
    """

    def __init__(
        self,
        clock: Callable[[], float] = perf_counter,
        make_timer: Callable[[Callable[[], None]], Timer] = timer,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._make_timer = make_timer
        self._chance = chance
        self._timer: Timer | None = None
        self.left = _NEVER
        self._gap = 1
        self._most = _FIRST_PROBES
        self._requests = self._probes = 0
        self._expected: dict[Hashable, float] = {}
        self._due: list[tuple[float, int, Probe]] = []
        self._added = Histogram()
        self._largest: list[tuple[float, int]] = []

    def start(self) -> None:
        """Begin; call it from the running loop."""
        self._timer = self._make_timer(self._ring)
        self.left = 1

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.close()
        self._timer, self.left = None, _NEVER
        self._due.clear()

    def is_next(self) -> bool:
        """Count a request, and return whether it is to be probed."""
        self.left -= 1
        return self.left <= 0

    def probe(self, step: Hashable, sender: Sender) -> Probe:
        """Begin a probe beside a request of this step, which the sender sends at once."""
        self._requests += self._gap
        self._probes += 1
        if self._probes % self._most == 0:  # many more requests than in the second before
            self._gap *= 2
        self.left = round(self._gap * (0.5 + self._chance()))
        probe = Probe(step, sender, self._gap, self._clock())
        asyncio.get_running_loop().call_soon(self._is_out, probe)
        return probe

    def end(self, probe: Probe, latency: float) -> None:
        """End the probe of a request that took `latency` seconds."""
        probe.latency = latency
        if latency <= probe.sending:
            # The response was there as soon as the loop was done with its turn.
            probe.waiting = 0.0
        if probe.met_the_request:
            self._count(probe)
        else:
            # A moment after the response says nothing about how that was received.
            self._expected[probe.step] = max(0.0, latency - probe.sending)

    def end_second(self) -> None:
        """Adapt to the rate of the last second, so that the number of probes stays the same."""
        self._most = _PROBES_PER_SECOND
        self._gap = max(1, self._requests // _PROBES_PER_SECOND)
        self._requests = self._probes = 0
        self.left = min(self.left, self._gap) if self._timer is not None else _NEVER

    def clear(self) -> None:
        """Forget what was measured so far."""
        self._added = Histogram()
        self._largest.clear()

    def snapshot(self) -> Histogram:
        """Return what was added to the requests so far, without the two largest probes."""
        return self._added.copy()

    def percent(self) -> float:
        """Return the percentile of all requests that is the 99th of those in the snapshot.

        With few requests, the probes that are left out stand for a good part of them.
        """
        counted = self._added.count
        whole = counted + sum(weight for _, weight in self._largest)
        return 99 * counted / whole if whole else 99.0

    def _is_out(self, probe: Probe) -> None:
        probe.sent_at = probe.sender.sent_at
        if self._timer is None or probe.sent_at < probe.began_at:
            return
        now = self._clock()
        probe.sending = now - probe.sent_at
        share = _EARLIEST + (1 - _EARLIEST) * self._chance()
        probe.due = now + share * self._expected.get(probe.step, 0.0)
        heappush(self._due, (probe.due, id(probe), probe))
        if self._due[0][2] is probe:
            self._timer.set(probe.due)

    def _ring(self) -> None:
        assert self._timer is not None
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, _, probe = heappop(self._due)
            if probe.waiting is None:
                probe.waiting = max(0.0, now - probe.due - self._timer.resolution)
                if probe.met_the_request:
                    self._count(probe)
        if self._due:
            self._timer.set(self._due[0][0])

    def _count(self, probe: Probe) -> None:
        """Count the probe once both it and its request have ended."""
        latency, waiting = probe.latency, probe.waiting
        if latency is None or waiting is None:
            return
        added = min(probe.sending + waiting, latency)
        heappush(self._largest, (added, probe.weight))
        if len(self._largest) > _LEFT_OUT:
            least, weight = heappop(self._largest)
            self._added.repeat(least, weight)
        self._expect(probe.step, latency - added)

    def _expect(self, step: Hashable, seconds: float) -> None:
        """Learn the time that a request takes without the loop's delays."""
        before = self._expected.get(step) or inf
        self._expected[step] = min(seconds, before * _GROWTH)
