"""Measure the overhead of shards: `python -m perf.shards`. perf.bench measures their throughput.

A real shard runs in this process, and its messages are recorded. Then a driver gets them played
back by 100 and by 1,000 shards, as fast as it takes them. If Ray is installed, the cost of one
call is measured, too. From these numbers follows the work of a driver in each second of a load;
that is an estimate, because there was no cluster of that size.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from boomtalk.commands.assembly.case_files import CaseFiles
from boomtalk.commands.assembly.load_task import LoadTask, version
from boomtalk.commands.assembly.shards import shard_run
from boomtalk.engine import Load, Ramp, RunSettings, load_cases
from boomtalk.engine.measure.snapshot import Slice
from boomtalk.engine.shards.follower import Follower
from boomtalk.engine.shards.shard import Shard
from boomtalk.engine.shards.sharded_run import ShardedRun
from boomtalk.plugins import PluginOptions

from .bench import report, results
from .bench.servers import Server, nginx

STEPS = (1, 10, 50)
SHARDS = (1, 100, 1_000)
_USERS = 64
_SECONDS = 4
_CALLS = 5_000
_STEP = (
    "  - {{name: step {number}, request: {{method: GET, url: /}},"
    " validate: [{{eq: [status_code, 200]}}]}}\n"
)


class TimedShard(Shard):
    """A shard that measures how long its event loop is blocked by each second's message."""

    def __init__(self) -> None:
        super().__init__(shard_run)
        self.times: list[float] = []

    def _take(self, ended: Slice) -> None:
        began_at = time.perf_counter()
        super()._take(ended)
        self.times.append(time.perf_counter() - began_at)


@dataclass(frozen=True, slots=True)
class Recording:
    """All pieces that a shard sent, and the seconds that it took to make each message."""

    pieces: Sequence[bytes]
    times: Sequence[float]

    @property
    def bytes_per_second(self) -> int:
        # Without the first piece (ready) and the last (final).
        return round(median(map(len, self.pieces[1:-1])))


@dataclass(frozen=True, slots=True)
class Player:
    """A handle of a shard that plays back the messages of another one."""

    recording: Recording

    async def call(self, name: str, *arguments: Any) -> Any:
        if name == "hello":
            return {"host": "player", "pid": 0, "python": ""}
        if name != "piece":
            return None
        if arguments[0] < len(self.recording.pieces):
            return self.recording.pieces[arguments[0]]
        return await asyncio.Event().wait()  # asked ahead for what never comes

    def kill(self) -> None:
        """Do nothing, because no process runs."""


@dataclass(frozen=True, slots=True)
class Players:
    recording: Recording

    async def open(self, number: int) -> Sequence[Player]:
        return [Player(self.recording)] * number


def case_of(folder: Path, steps: int, server: Server) -> Path:
    case = folder / f"{steps}.yml"
    lines = "".join(_STEP.format(number=number) for number in range(steps))
    case.write_text(f"config: {{name: shards, base_url: '{server.url}'}}\nteststeps:\n{lines}")
    return case


def load_of(shards: int) -> Load:
    return Load(Ramp(_USERS * shards), duration=_SECONDS)


def task_of(case: Path) -> LoadTask:
    files = CaseFiles((str(case),), {}, None)
    return LoadTask(files, load_of(1), RunSettings(), PluginOptions(), "warning", version())


async def record(case: Path) -> Recording:
    """Run one shard to its end, and record its messages."""
    shard = TimedShard()
    pieces: list[bytes] = []

    class Kept:
        async def call(self, name: str, *arguments: Any) -> Any:
            answer = await getattr(shard, name)(*arguments)
            if name == "piece":
                pieces.append(answer)
            return answer

        def kill(self) -> None:
            """Do nothing, because the shard ends by itself."""

    follower = Follower(Kept())
    await shard.prepare(task_of(case))
    await follower.message()
    await shard.start()
    while (await follower.message())["kind"] != "final":
        pass
    await follower.close()
    await shard.close()
    return Recording(pieces, shard.times)


async def drive(case: Path, recording: Recording, shards: int) -> float:
    """Return the CPU seconds that a driver needs for one second of one shard."""
    cases = load_cases([case]).cases
    run = ShardedRun(cases, load_of(shards), RunSettings(), Players(recording), [None] * shards)
    await run.prepare()
    began_at = time.process_time()
    outcome = await run.execute()
    used = time.process_time() - began_at
    if not outcome.snapshot.accounting.ok:
        raise RuntimeError(f"nothing arrived: {outcome.snapshot.accounting}")
    return used / shards / _SECONDS


def cost_of_a_call(size: int) -> float | None:
    """Return the driver's CPU seconds for one call of an actor, None if Ray is not installed."""
    if find_spec("ray") is None:
        return None
    import ray

    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        return asyncio.run(_call_again_and_again(ray, size))
    finally:
        ray.shutdown()


async def _call_again_and_again(ray: Any, size: int) -> float:
    class Answering:
        async def piece(self) -> bytes:
            return bytes(size)

    actor = ray.remote(Answering).remote()
    await actor.piece.remote()
    began_at = time.process_time()
    for _ in range(_CALLS):
        await actor.piece.remote()
    return (time.process_time() - began_at) / _CALLS


def measured(server: Server) -> results.Section:
    costs = []
    with tempfile.TemporaryDirectory() as name:
        for steps in STEPS:
            case = case_of(Path(name), steps, server)
            recording = asyncio.run(record(case))
            drives = {n: asyncio.run(drive(case, recording, n)) for n in SHARDS}
            cost = {
                "steps": steps,
                "bytes": recording.bytes_per_second,
                "shard_ms": median(recording.times) * 1000,
                "driver_ms": {str(n): seconds * 1000 for n, seconds in drives.items()},
            }
            print(cost, file=sys.stderr)
            costs.append(cost)
    call = cost_of_a_call(costs[1]["bytes"])
    return {"kind": "shards", "costs": costs, "call_ms": None if call is None else call * 1000}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m perf.shards", description=__doc__)
    parser.add_argument("--results", type=Path, default=results.FOLDER / "results.json")
    options = parser.parse_args()
    about = results.about(["boomtalk"])
    with nginx() as server:
        section = measured(server)
    results.save(options.results, "shards-cost", {**section, "about": about})
    report.write(options.results)


if __name__ == "__main__":
    main()
