"""Throughput with 1 and 2 shards, and what a second of a shard costs: `python -m perf.shards`.

Prints one line of JSON per measurement: requests per second of the whole program against the
small server of the examples, and milliseconds and bytes of one second's message with so many
steps. The server takes a core of its own: on two cores two shards cannot show twice the rate.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from boomtalk.engine.measure.snapshot import Slice
from boomtalk.engine.measure.stats import Stats
from boomtalk.engine.shards.messages import second_message
from boomtalk.engine.shards.pieces import pieces_of
from boomtalk.examples.target import target_process

REPEATS = 50


def throughput(url: str, shards: int, options: argparse.Namespace) -> dict[str, Any]:
    """Return the rate that so many shards come to, and their CPU."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        load = ("-u", str(options.users), "-d", f"{options.seconds}s", "--shards", str(shards))
        command = [sys.executable, "-m", "boomtalk.cli", "boom", url, *load, "--no-out", "-q"]
        subprocess.run([*command, "--json", str(report)], check=True)
        told = json.loads(report.read_text())
    return {
        "shards": shards,
        "requests_per_second": round(told["total"]["rate"]),
        "cpu_percent_of_the_busiest": told["health"]["cpu_percent"]["mean"],
        "trusted": told["health"]["trusted"],
    }


def second_of(steps: int, requests: int) -> Slice:
    stats = Stats()
    for number in range(steps):
        counts = stats.step("case", f"step {number}", "request-GET").counts
        counts.issued = counts.ok = requests // steps
        # As spread as the times of a server under load, and of each step other ones.
        chance = random.Random(number)
        times = [chance.lognormvariate(-5, 0.7) for _ in range(requests // steps)]
        counts.latencies.extend(times)
    return stats.end_second(1, 1, 0.001)


def message_cost(steps: int, requests: int) -> dict[str, Any]:
    """Return what it takes to pack one second of so many requests."""
    ended, times, size = second_of(steps, requests), [], 0
    for _ in range(REPEATS):
        began_at = perf_counter()
        size = sum(map(len, pieces_of(second_message(ended, 1.0, {}, {}))))
        times.append((perf_counter() - began_at) * 1000)
    return {"steps": steps, "requests": requests, "ms": round(median(times), 2), "bytes": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    for steps in (1, 10, 100):
        print(json.dumps(message_cost(steps, 20_000)), flush=True)
    with target_process() as target:
        for shards in (1, 2):
            print(json.dumps(throughput(target.url, shards, options)), flush=True)


if __name__ == "__main__":
    main()
