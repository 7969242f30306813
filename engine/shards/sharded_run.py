"""One load on several shards: started together, merged, ended whatever happens to a shard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..case.model import Case
from ..errors import BoomtalkError
from ..load.load_run import Outcome, SecondListener
from ..load.preflight import RowStock
from ..load.rules import Rules
from ..load.shape import Load
from ..measure.snapshot import Snapshot
from ..scenario.once import Row
from ..scenario.prepare import names_of
from ..settings import RunSettings
from ..stop import Stop
from .account import Account
from .backend import Backend, Handle, ShardLost
from .common_steps import CommonSteps
from .follower import Follower
from .merged import MergedRun
from .split import Part, check_parts

_TICK = 0.25
SILENT_SECONDS = 2.0
_CLOSE_SECONDS = 10.0
# One shard that ends for these reasons ends the others; for any other reason each ends by itself.
_ENDS_ALL = ("error", "plugin", "shard")


class LossRule(Struct, frozen=True):
    """A shard is lost when its backend says so, or after `silent` seconds without a message.

    A lost shard ends the load, unless `stop` is False and the other shards go on.
    """

    stop: bool = True
    silent: float = 5.0


class ShardedRun:
    """A load run on shards, with the interface of `LoadRun`.

    `tasks` holds the task of each shard; `log` takes a level and a line.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        load: Load,
        settings: RunSettings,
        backend: Backend,
        tasks: Sequence[Any],
        *,
        stop: Stop | None = None,
        on_loss: LossRule | None = None,
        log: Callable[[str, str], None] = lambda level, text: None,
    ) -> None:
        check_parts(load, len(tasks))
        self.load = load
        self.stop = stop or Stop()
        self.warnings: list[str] = []
        # Called with each second of the run once all shards have delivered it.
        self.listeners: list[SecondListener] = []
        self.accounts = [
            Account(index, Part(index, len(tasks)).count(load.users)) for index in range(len(tasks))
        ]
        self._merged = MergedRun(self.accounts)
        self._cases = cases
        self._settings = settings
        self._backend = backend
        self._tasks = tasks
        self._on_loss = on_loss or LossRule()
        self._patience = self._on_loss.silent
        self._rules = Rules(settings.thresholds)
        self._log = log
        self._started_at = perf_counter()
        self._failures: list[Mapping[str, Any]] = []
        self._followers: list[Follower] = []
        self._following: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()
        self._is_paused = False
        self._common = CommonSteps(self.accounts, self._order)

    async def prepare(self) -> None:
        """Start the shards and prepare each; nothing is sent.

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
        """Run the load to its end and return the outcome."""
        self._started_at = perf_counter()
        for account in self.accounts:
            account.state = "running"
        starts = (self._call(one.index, "start", one.index == 0) for one in self.accounts)
        await asyncio.gather(*starts)
        watching = [asyncio.create_task(self._pass_on_stop())]
        try:
            if self._common.are_wanted:
                await self._set_up()
            self._following = [
                asyncio.create_task(self._follow(*pair))
                for pair in zip(self.accounts, self._followers, strict=True)
            ]
            watching.append(asyncio.create_task(self._watch()))
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
        """End all shards and everything they started."""
        await asyncio.gather(*(self._end(one) for one in self._followers))
        await asyncio.gather(*self._errands, return_exceptions=True)
        self._followers.clear()

    def cut(self) -> Outcome:
        """End the run without its loop; a shard that runs is lost, with what it has delivered."""
        for account in self.accounts:
            self._lose(account, "cut by a signal")
        return self.outcome()

    def snapshot(self) -> Snapshot:
        """Freeze the sum of everything that the shards have delivered."""
        return self._merged.snapshot()

    def elapsed(self) -> float:
        """Return the seconds since the load began."""
        return perf_counter() - self._started_at

    def mark(self, what: str) -> None:
        """Record that something happened now."""
        self._merged.mark(what, self.elapsed())

    def take_failures(self) -> list[Mapping[str, Any]]:
        """Return the failed requests that shards kept and sent since the last call."""
        taken, self._failures = self._failures, []
        return taken

    def slowest(self) -> list[Mapping[str, Any]]:
        """Return the slowest requests of all shards, the slowest first."""
        return self._merged.slowest()

    @property
    def state(self) -> str:
        """The state for a screen: setting up, paused, stopping or done; else empty."""
        if self._common.is_setting_up:
            return "setting up …"
        if self.stop.is_requested:
            return "done" if all(one.is_over for one in self.accounts) else "stopping …"
        return "paused" if self._is_paused else ""

    @property
    def title(self) -> str:
        """The names of the cases, for a heading."""
        return ", ".join(names_of(self._cases))

    @property
    def row_stocks(self) -> tuple[RowStock, ...]:
        """Empty: only the shards know the parameter rows."""
        return ()

    @property
    def once_rows(self) -> Mapping[Row, str]:
        """Empty: only the shards compile the cases."""
        return {}

    def toggle_pause(self) -> None:
        """Hold back new iterations in all shards, or let them go on."""
        self._is_paused = not self._is_paused
        self._send_all("toggle_pause")

    def add_users(self, number: int) -> None:
        """Run `number` users more than the load says (fewer if negative), over all shards."""
        sign = 1 if number > 0 else -1
        for index in range(len(self.accounts)):
            share = sign * Part(index, len(self.accounts)).count(abs(number))
            self._send(self._call(index, "add_users", share))
        self.mark(f"{number:+} users")

    def outcome(self) -> Outcome:
        """Return the outcome so far."""
        return replace(self.progress(), parameters=self._merged.parameters())

    def progress(self) -> Outcome:
        """Return the outcome so far without the use of parameter rows, which may be many."""
        merged, snapshot, plugins = self._merged, self.snapshot(), self._merged.plugins()
        return Outcome(
            snapshot=snapshot,
            health=merged.health(),
            plugins=plugins,
            wire=merged.wire(),
            stopped_by=self.stop.reason,
            signal=self.stop.signal,
            verdicts=self._rules.verdicts(snapshot, plugins),
            never_started=merged.never_started() if self.load.model == "closed" else 0,
        )

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
            self._common.are_wanted = ready["sets_up"]
            self._rules.check_names(self.snapshot(), ready["functions"])
        self.warnings += [text for text in ready["warnings"] if text not in self.warnings]

    async def _set_up(self) -> None:
        """Let the first shard run the steps before the load, and give all what they extracted."""
        first, follower = self.accounts[0], self._followers[0]
        values: str | None = None
        try:
            message = await self._common.set_up(follower, self.stop, SILENT_SECONDS)
            self._take_lines(first, message["lines"])
            values = message.get("values")
            if message["kind"] == "failure":
                raise ShardLost(message["text"])
        except (ShardLost, TimeoutError) as error:
            self._lose(first, str(error) or "silent after the second signal")
            self.stop.request("shard")  # without the values no shard can go on
        if values is None:
            self.stop.request("setup")
        else:
            self._common.share(values)
        self._started_at = perf_counter()

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
        if message["kind"] == "drained":
            self._take_lines(account, message["lines"])
            self._common.take_drained(account)
            return
        news = message["news"]
        self._take_lines(account, news["lines"])
        for mark in news["marks"]:
            self._merged.mark(f"shard {account.index}: {mark['what']}", mark["at"])
        self._failures += news["samples"]
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
            for listener in self.listeners:
                listener(ended)
            if self._settings.abort_on_threshold:
                self._watch_thresholds()

    def _watch_thresholds(self) -> None:
        if self._rules.are_broken(self.snapshot(), self._merged.plugins()):
            self.stop.request("threshold")

    def _take_lines(self, account: Account, lines: Sequence[tuple[str, str]]) -> None:
        for level, text in lines:
            self._log(level, f"shard {account.index}: {text}")

    def _lose(self, account: Account, why: str) -> None:
        if account.is_over:
            return
        account.lose(why)
        users = f"{account.users} of {self.load.users} users"
        text = f"shard {account.index} on {account.host} was lost at {account.elapsed:.1f} s"
        self._log("error", f"{text} ({users}): {why}")
        self._merged.mark(text, account.elapsed)
        if self._on_loss.stop:
            self.stop.request("shard")
        self._common.look()
        self._sum_up()

    async def _watch(self) -> None:
        """Count the silence of each shard in ticks, so that stalls of our own loop do not count."""
        while True:
            await asyncio.sleep(_TICK)
            for account, follower in zip(self.accounts, self._followers, strict=True):
                follower.ticks += 1
                silent = follower.ticks * _TICK
                if not account.is_over and silent > SILENT_SECONDS:
                    account.state = "silent"
                    if silent > self._patience:
                        self._give_up(account, follower)

    def _give_up(self, account: Account, follower: Follower) -> None:
        follower.handle.kill()
        self._following[account.index].cancel()
        self._lose(account, f"silent for {self._patience:g} s")

    async def _pass_on_stop(self) -> None:
        await self.stop.requested()
        self._send_all("stop", self.stop.reason, False)
        await self.stop.forced()
        self._send_all("stop", self.stop.reason, True)
        # Something holds up a shard that is silent now: the second signal does not wait for it.
        self._patience = min(self._patience, SILENT_SECONDS)

    def _reason(self) -> str:
        """Return the reason of the end that the surviving shards give."""
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

    def _order(self, index: int, name: str, *arguments: Any) -> None:
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
