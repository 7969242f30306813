"""Calls per second through one plugin process: `plugin_calls.py [CALLERS] [SECONDS] [PYTHON]`.

Prints one line of JSON. Callers are closed loops over a one-line function.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import uvloop
from boomtalk.plugins import Plugin, PluginOptions, PluginPool

SOURCE = "def echo(text):\n    return text\n"


async def caller(plugin: Plugin, until: float) -> int:
    calls = 0
    while perf_counter() < until:
        await plugin.call("echo", ("hello",))
        calls += 1
    return calls


async def measure(
    path: Path, callers: int, seconds: float, python: str | None
) -> dict[str, object]:
    async with PluginPool(PluginOptions(python=python)) as pool:
        plugin = await pool.open(path)
        started_at = perf_counter()
        until = started_at + seconds
        counts = await asyncio.gather(*(caller(plugin, until) for _ in range(callers)))
        elapsed = perf_counter() - started_at
        seen = pool.snapshots()[0]
    p50, p99 = seen.wait.percentiles((50, 99))
    assert p50 is not None
    assert p99 is not None
    return {
        "callers": callers,
        "python": seen.python,
        "calls_per_second": round(sum(counts) / elapsed),
        "p50_ms": round(p50 * 1000, 3),
        "p99_ms": round(p99 * 1000, 3),
    }


def main() -> None:
    callers = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    python = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "debugtalk.py")
        path.write_text(SOURCE)
        print(json.dumps(uvloop.run(measure(path, callers, seconds, python))))


if __name__ == "__main__":
    main()
