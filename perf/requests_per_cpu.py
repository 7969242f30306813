"""Requests per CPU-second of the client, side by side: see README.md for the method."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nginx import Nginx, nginx
from peers import COMMANDS, Work, find

CLIENT_CORE, SERVER_CORE = 1, 0
# hrp sends usage data unless it is told not to.
QUIET = {"DISABLE_GA": "true", "DISABLE_SENTRY": "true", "K6_NO_USAGE_REPORT": "true"}


@dataclass(frozen=True)
class Measured:
    """One run of one tool; `memory` is the peak of its largest process, in bytes."""

    requests: int
    cpu_seconds: float
    memory: int

    @property
    def per_cpu_second(self) -> float:
        return self.requests / self.cpu_seconds


Runs = dict[tuple[str, int], list[Measured]]


def measure(name: str, program: str, work: Work, server: Nginx) -> Measured:
    """Run a tool once; the server says how many requests there were."""
    before = server.requests()
    usage = _run(["taskset", "-c", str(CLIENT_CORE), *COMMANDS[name](program, work)], work)
    # The second question is counted too.
    requests = server.requests() - before - 1
    if requests < 1:
        raise RuntimeError(f"{name} sent nothing")
    return Measured(requests, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _run(command: Sequence[str], work: Work) -> resource.struct_rusage:
    log = work.folder / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=work.folder,
            env={**os.environ, **QUIET},
        )
        # wait4 tells the CPU time of the process and of all it waited for.
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(
            f"{command[3:]} ended with {process.returncode}: {log.read_text()[-500:]}"
        )
    return usage


def interleaved(
    names: Sequence[str], users: Sequence[int], repeats: int
) -> Iterator[tuple[str, int]]:
    """Yield every tool and size in turn, again and again, so that drift hits all alike."""
    for _ in range(repeats):
        for number in users:
            for name in names:
                yield name, number


def run_all(options: argparse.Namespace, programs: Mapping[str, str]) -> Runs:
    runs: Runs = {}
    with nginx(SERVER_CORE) as server:
        for name, users in interleaved(list(programs), options.users, options.repeats):
            with tempfile.TemporaryDirectory() as folder:
                work = Work(server.url, users, options.seconds, Path(folder))
                one = measure(name, programs[name], work, server)
            runs.setdefault((name, users), []).append(one)
            print(f"{name} {users}: {one.per_cpu_second:,.0f}", file=sys.stderr)
    return runs


def table(runs: Runs, names: Sequence[str], users: Sequence[int]) -> str:
    """Return the medians with their spread and the ratio to boomtalk, as Markdown."""
    heads = [f"{number:,} users" for number in users]
    lines = [
        f"| tool | {' | '.join(heads)} | RSS at {users[-1]:,} |",
        "| --- |" + " --- |" * (len(users) + 1),
    ]
    for name in names:
        cells = [_cell(runs, name, number) for number in users]
        memory = statistics.median(run.memory for run in runs[name, users[-1]]) / 1e6
        lines.append(f"| {name} | {' | '.join(cells)} | {memory:,.0f} MB |")
    return "\n".join(lines)


def _cell(runs: Runs, name: str, users: int) -> str:
    values = sorted(run.per_cpu_second for run in runs[name, users])
    middle = statistics.median(values)
    text = f"{middle:,.0f} ({values[0]:,.0f}-{values[-1]:,.0f})"
    if name == "boomtalk" or ("boomtalk", users) not in runs:
        return text
    ours = statistics.median(run.per_cpu_second for run in runs["boomtalk", users])
    return f"{text} {ours / middle:.2f}x"


def heading(options: argparse.Namespace) -> str:
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    cores = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    how = f"{options.repeats} interleaved runs of {options.seconds} s"
    return f"{when}; {cores}; Python {platform.python_version()}; {how}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", help=" ".join(COMMANDS))
    parser.add_argument("--users", type=int, nargs="+", default=[64, 1000, 8000])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, help="a Markdown file; default: stdout")
    options = parser.parse_args()
    options.peers = options.peers or ["boomtalk", "hrp", "k6"]
    programs = {name: program for name in options.peers if (program := find(name))}
    if missing := set(options.peers) - set(programs):
        print(f"not installed, left out: {', '.join(sorted(missing))}", file=sys.stderr)
    runs = run_all(options, programs)
    text = f"{heading(options)}\n\n{table(runs, list(programs), options.users)}\n"
    if options.out:
        options.out.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
