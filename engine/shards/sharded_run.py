"""One load on several shards: started together, summed up, ended whatever becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..case.model import Case
from ..errors import BoomtalkError
from ..load.preflight import RowStock
from ..load.rules import Rules
from ..load.run import Outcome
from ..load.shape import Load
from ..load.stop import Stop
from ..measure.snapshot import Slice, Snapshot
from ..measure.thresholds import Threshold
from ..scenario.prepare import names_of
from .account import Account
from .backend import Backend, Handle, ShardLost
from .follower import Follower
from .merged import MergedRun
from .sources import Clock, Collected, HealthSource, PluginSource
from .split import Part, check_parts

_TICK = 0.25
SILENT_SECONDS = 2.0
LOST_SECONDS = 5.0
_CLOSE_SECONDS = 10.0
# What ends one shard and must end the others; the rest they come to by themselves.
_ENDS_ALL = ("error", "plugin", "shard")


class ShardedRun:
    """Looks from outside like a `Run`. `tasks` are what each shard is told to do, one per shard.

    A shard is lost when its backend says so, or when nothing came from it for `lost_after`
    seconds. `stops_on_loss` ends the load then; else the other shards go on.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        load: Load,
        backend: Backend,
        tasks: Sequence[Any],
        *,
        stop: Stop | None = None,
        stops_on_loss: bool = True,
        thresholds: Sequence[Threshold] = (),
        abort_on_threshold: bool = False,
        tell: Callable[[str, str], None] = lambda level, text: None,
        lost_after: float = LOST_SECONDS,
    ) -> None:
        check_parts(load, len(tasks))
        self.load = load
        self.stop = stop or Stop()
        self.warnings: list[str] = []
        # Given each second of the run once all shards have delivered it.
        self.take_slice: Callable[[Slice], None] = _ignore
        self.accounts = [
            Account(index, Part(index, len(tasks)).count(load.users)) for index in range(len(tasks))
        ]
        self._merged = MergedRun(self.accounts)
        self.stats = Clock(self._merged)
        self.health = HealthSource(self._merged)
        self.plugins = PluginSource(self._merged)
        self.keeper = Collected(self.accounts)
        self._cases = cases
        self._backend = backend
        self._tasks = tasks
        self._stops_on_loss = stops_on_loss
        self._rules = Rules(thresholds, self.plugins.snapshots)
        self._abort_on_threshold = abort_on_threshold
        self._tell = tell
        self._lost_after = lost_after
        self._followers: list[Follower] = []
        self._following: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()
        self._is_paused = False

    async def prepare(self) -> None:
        """Start the shards and have each make itself ready; nothing is sent.

        Raises what the first shard that cannot run says of it, UsageError where there is no room
        for so many, and UsageError for a threshold that names nothing.
        """
        handles = await self._backend.open(len(self._tasks))
        self._followers = [Follower(handle) for handle in handles]
        try:
            # All are waited for: a plugin that starts is not to be cut in the middle of it.
            preparing = (self._prepare(index) for index in range(len(handles)))
            came = await asyncio.gather(*preparing, return_exceptions=True)
            for error in filter(None, came):
                raise error
        except BaseException:
            await self.close()
            raise

    async def execute(self) -> Outcome:
        """Run the load to its end and return what it came to."""
        self.stats.start()
        for account in self.accounts:
            account.state = "running"
        await asyncio.gather(*(self._call(index, "start") for index in range(len(self.accounts))))
        self._following = [
            asyncio.create_task(self._follow(*pair))
            for pair in zip(self.accounts, self._followers, strict=True)
        ]
        watching = [asyncio.create_task(one) for one in (self._watch(), self._pass_on_stop())]
        try:
            await asyncio.wait(self._following)
        finally:
            for task in (*watching, *self._following):
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            await self.close()
        for task in self._following:
            if not task.cancelled():
                task.result()
        self._sum_up()
        self.stop.request(self._reason())
        return self.outcome()

    async def close(self) -> None:
        """End all shards and what they started."""
        await asyncio.gather(*(self._end(one) for one in self._followers))
        await asyncio.gather(*self._errands, return_exceptions=True)
        self._followers.clear()

    def snapshot(self) -> Snapshot:
        """Freeze the sum of what every shard has delivered."""
        return self._merged.snapshot()

    @property
    def state(self) -> str:
        """What is out of the ordinary just now, for a screen; empty while the load runs."""
        if self.stop.is_requested:
            return "done" if all(one.is_over for one in self.accounts) else "stopping …"
        return "paused" if self._is_paused else ""

    @property
    def title(self) -> str:
        """The names of the cases, for a heading."""
        return ", ".join(names_of(self._cases))

    @property
    def row_stocks(self) -> tuple[RowStock, ...]:
        """What is known here of parameter rows: nothing, the shards have them."""
        return ()

    def toggle_pause(self) -> None:
        """Hold back new iterations in all shards, or let them go on."""
        self._is_paused = not self._is_paused
        self._send_all("toggle_pause")

    def add_users(self, number: int) -> None:
        """Have so many users more, or fewer, than the load says, in all shards together."""
        sign = 1 if number > 0 else -1
        for index in range(len(self.accounts)):
            share = sign * Part(index, len(self.accounts)).count(abs(number))
            self._send(self._call(index, "add_users", share))
        self.stats.mark(f"{number:+} users")

    def outcome(self) -> Outcome:
        """Return what the run has come to so far."""
        merged, snapshot = self._merged, self.snapshot()
        return Outcome(
            snapshot=snapshot,
            health=merged.health(),
            wire=merged.wire(),
            stopped_by=self.stop.reason,
            signal=self.stop.signal,
            verdicts=self._rules.verdicts(snapshot),
            never_started=merged.never_started() if self.load.model == "closed" else 0,
            parameters=merged.parameters(),
        )

    def progress(self) -> Outcome:
        """Return the outcome so far."""
        return self.outcome()

    async def _prepare(self, index: int) -> None:
        account, follower = self.accounts[index], self._followers[index]
        try:
            hello = await follower.handle.call("hello")
            account.host, account.pid = hello["host"], hello["pid"]
            await follower.handle.call("prepare", self._tasks[index])
            ready = await follower.message()
        except ShardLost as error:
            raise BoomtalkError(f"shard {index} was lost before the load: {error}") from error
        self._take_lines(account, ready["lines"])
        if ready["kind"] == "failure":
            raise _failure(account, ready)
        if index == 0:
            self._merged.expect(ready)
            self._rules.check_names(self.snapshot(), ready["functions"])
        self.warnings += [text for text in ready["warnings"] if text not in self.warnings]

    async def _follow(self, account: Account, follower: Follower) -> None:
        try:
            while not account.is_over:
                self._take(account, await follower.message())
        except ShardLost as error:
            self._lose(account, str(error))

    def _take(self, account: Account, message: Mapping[str, Any]) -> None:
        if message["kind"] == "failure":
            self._take_lines(account, message["lines"])
            self._lose(account, message["text"])
            return
        news = message["news"]
        self._take_lines(account, news["lines"])
        for mark in news["marks"]:
            self.stats.mark(f"shard {account.index}: {mark['what']}", mark["at"])
        self.keeper.failures += news["samples"]
        if message["kind"] == "second":
            account.state = "running"
            account.take_second(message)
        else:
            account.take_final(message)
        if (reason := message["so_far"]["stopped_by"]) in _ENDS_ALL:
            self.stop.request(reason)
        self._sum_up()

    def _sum_up(self) -> None:
        while (ended := self._merged.next_slice()) is not None:
            self.take_slice(ended)
            if self._abort_on_threshold and self._rules.are_broken(self.snapshot()):
                self.stop.request("threshold")

    def _take_lines(self, account: Account, lines: Sequence[tuple[str, str]]) -> None:
        for level, text in lines:
            self._tell(level, f"shard {account.index}: {text}")

    def _lose(self, account: Account, why: str) -> None:
        if account.is_over:
            return
        account.lose(why)
        users = f"{account.users} of {self.load.users} users"
        text = f"shard {account.index} on {account.host} was lost at {account.elapsed:.1f} s"
        self._tell("error", f"{text} ({users}): {why}")
        self.stats.mark(text, account.elapsed)
        if self._stops_on_loss:
            self.stop.request("shard")
        self._sum_up()

    async def _watch(self) -> None:
        """Count how long each shard is silent, in ticks of ours: our own stalls do not count."""
        while True:
            await asyncio.sleep(_TICK)
            for account, follower in zip(self.accounts, self._followers, strict=True):
                follower.ticks += 1
                silent = follower.ticks * _TICK
                if not account.is_over and silent > SILENT_SECONDS:
                    account.state = "silent"
                    if silent > self._lost_after:
                        self._give_up(account, follower)

    def _give_up(self, account: Account, follower: Follower) -> None:
        follower.handle.kill()
        self._following[account.index].cancel()
        self._lose(account, f"silent for {self._lost_after:g} s")

    async def _pass_on_stop(self) -> None:
        await self.stop.requested()
        self._send_all("stop", self.stop.reason, False)
        await self.stop.forced()
        self._send_all("stop", self.stop.reason, True)

    def _reason(self) -> str:
        """Return why the load ended by itself: what the shards say that went on to the end."""
        reasons = [one.so_far.get("stopped_by") for one in self.accounts if one.state == "done"]
        return next((one for one in reasons if one is not None), "shard")

    async def _call(self, index: int, name: str, *arguments: Any) -> None:
        # Who follows the shard learns of its loss, too.
        with suppress(ShardLost):
            await self._followers[index].handle.call(name, *arguments)

    def _send_all(self, name: str, *arguments: Any) -> None:
        for index, account in enumerate(self.accounts):
            if not account.is_over:
                self._send(self._call(index, name, *arguments))

    def _send(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _end(self, follower: Follower) -> None:
        await follower.close()
        await _closed(follower.handle)
        follower.handle.kill()


async def _closed(handle: Handle) -> None:
    with suppress(ShardLost, TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await handle.call("close")


def _failure(account: Account, message: Mapping[str, Any]) -> BoomtalkError:
    error = BoomtalkError(f"shard {account.index}: {message['text']}", message["hint"])
    error.exit_code = message["exit_code"]
    return error


def _ignore(_slice: Slice) -> None:
    pass
