"""Check that memory does not grow during a long run: `python -m perf.soak --minutes 30`.

It compares the memory at minute 5 (in a shorter run after a sixth of it) with that at the end,
and exits with 1 if it has grown by more than 2 MB.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from .bench import report, results
from .bench.cpu import CommandFailed, Tree, running
from .bench.servers import nginx
from .bench.tools import TOOLS
from .bench.workloads import WORKLOADS

_ALLOWED = 2_000_000
_GET = WORKLOADS[0]


def memory_at(tree: Tree, moment: float) -> float:
    """Wait until `moment` of the monotonic clock; return the median of five samples before it."""
    time.sleep(max(0.0, moment - time.monotonic() - 2))
    samples = []
    for _ in range(5):
        samples.append(tree.usage().memory)
        time.sleep(0.4)
    if not tree.is_running:
        raise CommandFailed(f"ended too early: {tree.output[-300:]}")
    return statistics.median(samples)


def soak(users: int, minutes: float) -> results.Section:
    early_minute = min(5.0, minutes / 6)
    about = results.about(["boomtalk"])
    with tempfile.TemporaryDirectory() as name, nginx() as server:
        folder, seconds = Path(name), round(minutes * 60)
        work = replace(_GET, users=users).work(server, seconds, folder)
        with running(TOOLS["boomtalk"](sys.executable, work), folder) as tree:
            started_at = time.monotonic()
            early = memory_at(tree, started_at + early_minute * 60)
            # In the last second the run ends and writes its summary, which needs memory.
            late = memory_at(tree, started_at + seconds - 1)
            tree.wait()
        return {
            "kind": "soak",
            "about": about,
            "users": users,
            "minutes": minutes,
            "requests": server.requests(),
            "early_minute": early_minute,
            "early": early,
            "late": late,
            "flat": late - early <= _ALLOWED,
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m perf.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--results", type=Path, default=results.FOLDER / "results.json")
    options = parser.parse_args()
    section = soak(options.users, options.minutes)
    results.save(options.results, "soak", section)
    report.write(options.results)
    grown = (section["late"] - section["early"]) / 1e6
    print(
        f"{section['requests']:,} requests, {section['early'] / 1e6:.1f} MB, {grown:+.2f} MB since"
    )
    sys.exit(0 if section["flat"] else 1)


if __name__ == "__main__":
    main()
