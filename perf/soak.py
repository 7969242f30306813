"""Whether a long run stays the size it has: `python -m perf.soak --minutes 30`.

Memory is compared between minute 5 (a sixth of a shorter run) and the end; exit 1 when it has
grown by more than 2 MB.
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
    """Wait for a moment of the monotonic clock; return the median of five samples before it."""
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
            # The last moments belong to the end of the run, which writes its summary.
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
