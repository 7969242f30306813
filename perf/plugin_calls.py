"""Measure calls per second through one plugin process: `plugin_calls.py [CALLERS] [SECONDS]`.

It prints one line of JSON. Callers call a one-line function in closed loops. `--slow 20` measures
twice: alone, and together with 20 callers of a function that sleeps for a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.plugins import Plugin, PluginOptions, PluginPool

SOURCE = """
import time
def echo(text):
    return text
def nap():
    time.sleep(1)
"""


async def caller(plugin: Plugin, until: float, pause: float, times: list[float]) -> None:
    while perf_counter() < until:
        started_at = perf_counter()
        await plugin.call("echo", ("hello",))
        times.append(perf_counter() - started_at)
        if pause:
            await asyncio.sleep(pause)


async def sleeper(plugin: Plugin, until: float) -> None:
    while perf_counter() < until:
        await plugin.call("nap")


async def measure(options: argparse.Namespace, path: Path, slow: int) -> dict[str, Any]:
    times: list[float] = []
    async with PluginPool(PluginOptions(python=options.python)) as pool:
        plugin = await pool.open(path)
        started_at = perf_counter()
        until = started_at + options.seconds
        callers: list[Coroutine[Any, Any, None]] = [sleeper(plugin, until) for _ in range(slow)]
        callers += [caller(plugin, until, options.pause, times) for _ in range(options.callers)]
        await asyncio.gather(*callers)
        python = pool.snapshots()[0].python
    measured = Histogram()
    measured.add(times)
    p50, p99 = (round((value or 0) * 1000, 3) for value in measured.percentiles((50, 99)))
    return {
        "callers": options.callers,
        "slow": slow,
        "python": python,
        "calls_per_second": round(len(times) / options.seconds),
        "p50_ms": p50,
        "p99_ms": p99,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("callers", type=int, nargs="?", default=100)
    parser.add_argument("seconds", type=float, nargs="?", default=2.0)
    parser.add_argument("python", nargs="?", help="the plugin's interpreter")
    parser.add_argument("--slow", type=int, default=0, metavar="N", help="callers that sleep 1 s")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between fast calls")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "debugtalk.py")
        path.write_text(SOURCE)
        for slow in sorted({0, options.slow}):
            print(json.dumps(uvloop.run(measure(options, path, slow))))


if __name__ == "__main__":
    main()
