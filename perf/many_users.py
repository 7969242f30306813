"""Ten thousand users with think time against a slow target: counts, memory, lag, verdict.

    python perf/many_users.py --users 10000 --seconds 60

The target answers after 100 ms on one core, boomtalk runs on the other; the server's count and
the report's are compared at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from boomtalk.examples.target import TargetProcess, target_process

CASE = """
config: {name: thinking}
teststeps:
  - {name: look, request: {method: GET, url: /}, validate: [{eq: [status_code, 200]}]}
  - {name: think, think_time: {time: 2}}
"""
SERVER_CORE, CLIENT_CORE = 0, 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, target_process(delay=0.1) as target:
        os.sched_setaffinity(target.pid, {SERVER_CORE})
        report = run(target, Path(folder), options.users, options.seconds)
    print(json.dumps(report, indent=2))


def run(target: TargetProcess, folder: Path, users: int, seconds: int) -> dict[str, object]:
    case, path = folder / "case.yml", folder / "report.json"
    case.write_text(CASE)
    command = ["taskset", "-c", str(CLIENT_CORE), sys.executable, "-m", "boomtalk.cli", "boom"]
    flags = ["-u", str(users), "-r", str(users / 10), "-d", str(seconds), "--no-out", "-q"]
    subprocess.run(
        [*command, str(case), "--base-url", target.url, *flags, "--json", str(path)], check=True
    )
    report = json.loads(path.read_text())
    latency = report["total"]["latency_ms"]
    return {
        "users": users,
        "seconds": report["duration"],
        "accounting": report["accounting"],
        "wire": report["wire"]["requests"],
        "server": target.stats()["requests"],
        "latency_ms": {name: latency[name] for name in ("p50", "p95", "p99", "max")},
        "health": report["health"],
    }


if __name__ == "__main__":
    main()
