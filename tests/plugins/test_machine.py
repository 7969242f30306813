"""Test the supervisor with random events: in any order of them the accounts balance."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from boomtalk.engine.errors import PluginCallError, PluginStartError
from boomtalk.plugins import PluginOptions, PluginPool
from boomtalk.plugins.child import HEADER, RESULT, FrameError
from boomtalk.plugins.plugin import Plugin
from boomtalk.plugins.process import STOPPED, Hello
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from .bench import ends

TIMEOUT = 1000.0


class FakeProcess:
    """A fake process that answers, dies or blocks when the test says so."""

    def __init__(self, launch, on_frames, on_exit, emit):
        self.pid = os.getpid()
        self.frames_bad = 0
        self.last_words = ""
        self.takes_calls = True
        self.written = []
        self.unsent = []
        self.is_dead = False
        self._on_frames = on_frames
        self._on_exit = on_exit

    def write(self, frames):
        ids = [HEADER.unpack_from(frame)[3] for frame in frames]
        (self.written if self.takes_calls else self.unsent).extend(ids)

    def unsent_ids(self):
        return self.unsent

    async def ready(self, timeout):
        return Hello("3.0.0", {"f": "()"})

    def answer(self, call_id):
        try:
            self._on_frames([(RESULT, call_id, 0.0, b"%d" % call_id)])
        except FrameError as error:
            self.frames_bad += 1
            self.kill(f"protocol: {error}")

    def kill(self, why="signal SIGKILL"):
        if not self.is_dead:
            self.is_dead = True
            self._on_exit(self, why)

    async def stop(self):
        self.kill(STOPPED)


class Supervision(RuleBasedStateMachine):
    """Rules that act on one plugin; `outcomes` counts the results of the callers."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.processes = []
        self.futures = []

    def spawn(self, *args):
        self.processes.append(FakeProcess(*args))
        return self.processes[-1]

    async def _start(self):
        options = PluginOptions(python=sys.executable, window=3, backoff=0.0, call_timeout=TIMEOUT)
        self.plugin = Plugin(Path(os.devnull), {}, options, lambda level, text: None, self.spawn)
        await self.plugin.start()

    def turn(self, action=lambda: None):
        async def act():
            result = action()
            for _ in range(5):  # a pump, a restart without pause, and the pump after it
                await asyncio.sleep(0)
            return result

        return self.runner.run(act())

    @precondition(lambda self: not self.processes)
    @rule()
    def start(self):
        self.runner.run(self._start())

    started = precondition(lambda self: bool(self.processes))

    @property
    def process(self):
        return self.processes[-1]

    @started
    @rule(number=st.integers(1, 6))
    def call(self, number):
        self.futures += self.turn(lambda: [self.plugin.call("f") for _ in range(number)])

    @started
    @rule(data=st.data())
    def answer_one(self, data):
        if self.process.written and not self.process.is_dead:
            call_id = data.draw(st.sampled_from(self.process.written))
            self.process.written.remove(call_id)
            self.turn(lambda: self.process.answer(call_id))

    @started
    @rule()
    def answer_nobody(self):
        if not self.process.is_dead:
            self.turn(lambda: self.process.answer(10**9))

    @started
    @rule(chokes=st.booleans())
    def choke(self, chokes):
        self.process.takes_calls = not chokes

    @started
    @rule(number=st.integers(0, 3))
    def kill(self, number):
        """Die before the last few frames were written completely."""
        if not self.process.is_dead:
            cut = len(self.process.written) - number
            self.process.unsent = self.process.written[max(cut, 0) :]
            self.turn(self.process.kill)

    @started
    @rule(data=st.data())
    def cancel(self, data):
        waiting = [future for future in self.futures if not future.done()]
        if waiting:
            self.turn(data.draw(st.sampled_from(waiting)).cancel)

    @started
    @rule(everything=st.booleans())
    def time_out(self, everything):
        calls = self.plugin._calls
        before = float("inf") if everything else 0.0
        self.turn(lambda: calls.expire(before, TIMEOUT))

    @started
    @rule()
    def stop(self):
        self.runner.run(self.plugin.close())

    @started
    @invariant()
    def accounts_balance(self):
        seen = self.plugin.snapshot()
        kinds = {"ok": 0, "cancelled": 0, "waiting": 0}
        for future in self.futures:
            kind = _kind(future)
            kinds[kind] = kinds.get(kind, 0) + 1
        assert seen.calls == ends(seen) + seen.in_flight + seen.queued
        assert seen.ok == kinds["ok"]
        assert seen.timeouts == kinds.get("plugin_timeout", 0)
        assert seen.crashed == kinds.get("plugin_crashed", 0)
        assert seen.unavailable == kinds.get("plugin_unavailable", 0)
        assert seen.cancelled == kinds["cancelled"]
        assert seen.in_flight + seen.queued == kinds["waiting"]
        assert seen.late_answers <= seen.timeouts + seen.cancelled
        assert seen.in_flight <= 3
        assert seen.calls + seen.unavailable == len(self.futures)
        if seen.state in ("given up", "closed"):
            assert kinds["waiting"] == 0

    @started
    @invariant()
    def at_most_one_process_lives(self):
        assert sum(not process.is_dead for process in self.processes) <= 1
        assert len(self.processes) == self.plugin.snapshot().starts

    def teardown(self):
        if self.processes:
            self.runner.run(self.plugin.close())
            self.accounts_balance()
            assert all(process.is_dead for process in self.processes)
        self.runner.close()


def _kind(future):
    if not future.done():
        return "waiting"
    if future.cancelled():
        return "cancelled"
    error = future.exception()
    return "ok" if error is None else error.kind


TestSupervision = Supervision.TestCase
TestSupervision.settings = settings(stateful_step_count=40, suppress_health_check=list(HealthCheck))

SOURCE = "import time\ndef f(x): return x\ndef nap(s): time.sleep(s)\n"
acts = st.lists(
    st.sampled_from(["call", "call", "nap", "kill", "cancel", "turn", "stop_cont"]), max_size=12
)


def test_a_real_process_balances_too(write):
    path = write(SOURCE)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(acts)
    def check(steps):
        asyncio.run(_play(path, steps))

    check()


async def _play(path, steps):
    options = PluginOptions(window=4, backoff=0.01, call_timeout=5)
    async with PluginPool(options) as pool:
        plugin = await pool.open(path)
        calls = []
        for step in steps:
            pid = pool.snapshots()[0].pid
            if step == "call":
                calls += [plugin.call("f", [len(calls)]) for _ in range(5)]
            elif step == "nap":
                calls.append(plugin.call("nap", [0.05]))
            elif step == "kill" and pid:
                os.kill(pid, signal.SIGKILL)
            elif step == "stop_cont" and pid:
                os.kill(pid, signal.SIGSTOP)
                os.kill(pid, signal.SIGCONT)
            elif step == "cancel" and calls:
                calls[-1].cancel()
            elif step == "turn":
                await asyncio.sleep(0.01)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        seen = pool.snapshots()[0]
        assert seen.calls == ends(seen)
        errors = [end for end in outcomes if isinstance(end, PluginCallError)]
        assert seen.crashed == sum(error.kind == "plugin_crashed" for error in errors)
        assert seen.unavailable == sum(error.kind == "plugin_unavailable" for error in errors)
        assert not any(isinstance(end, PluginStartError) for end in outcomes)
        assert seen.calls + seen.unavailable == len(calls)
