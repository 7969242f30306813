"""Feed a live page with seconds of a load, and read what its server sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.export.address import Address
from boomtalk.engine.http.channel import Wire
from boomtalk.engine.live_page.feed import Feed
from boomtalk.engine.live_page.server import served
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.shape import Load, Ramp
from boomtalk.engine.measure.health import Health
from boomtalk.engine.measure.stats import Stats
from boomtalk.engine.report.json_report import About, about_of, progress_of


@dataclass
class FedPage:
    """A live page whose seconds come from the test; `done` lists what its buttons did."""

    feed: Feed = field(default_factory=lambda: Feed(0.0, lambda: ""))
    stats: Stats = field(default_factory=Stats)
    done: list[str] = field(default_factory=list)
    url: str = ""
    seconds: int = 0

    def begin(self) -> None:
        self.feed.begin({**about_of(About("1")), "origin": {}, "so_far": self.progress()})

    def progress(self) -> dict[str, Any]:
        outcome = Outcome(self.stats.snapshot(), Health().snapshot(), (), Wire(), None, None, (), 0)
        return progress_of(outcome, Load(Ramp(1), duration=9.0))

    def pass_second(self, failures: int = 0, **more: Any) -> None:
        """Let a second pass in which three requests end well and some fail."""
        series = self.stats.step("case", "step", "request-GET")
        series.counts.issued += 3 + failures
        series.counts.ok += 3
        series.counts.latencies.extend([0.001, 0.002, 0.003])
        for _ in range(failures):
            series.fail(StepFailed("timeout", "late"), series.counts)
        self.seconds += 1
        ended = self.stats.end_second(self.seconds, None, None)
        self.feed.take(ended, float(self.seconds), {**self.progress(), **more})

    @property
    def actions(self) -> Mapping[str, Any]:
        return {name: lambda name=name: self.done.append(name) for name in ("stop", "mark")}


@asynccontextmanager
async def fed_page() -> AsyncIterator[FedPage]:
    page = FedPage()
    page.begin()
    async with served(Address("127.0.0.1", 0), page.feed, page.actions) as page.url:
        yield page


async def events_of(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    """Yield the name and the data of each server-sent event, to the end of the response."""
    waiting = b""
    async for chunk in response.content.iter_any():
        waiting += chunk
        *events, waiting = waiting.split(b"\n\n")
        for event in events:
            name, data = event.split(b"\n")
            yield name.removeprefix(b"event: ").decode(), json.loads(data.removeprefix(b"data: "))
    assert waiting == b""
