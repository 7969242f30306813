"""Compare boomtalk with other tools: `python -m perf.bench [WORKLOAD...]`, see perf/README.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from . import peers, report, results
from .cpu import CommandFailed
from .measure import measure
from .servers import SERVERS, Server
from .workloads import WORKLOADS, Workload

Runs = dict[str, list[results.Section]]


def tools_of(workload: Workload, options: argparse.Namespace) -> list[str]:
    """Return the tools that can express the workload, are wanted, and are installed."""
    shorter = () if options.full else workload.main
    wanted = options.tools or shorter or workload.tools
    return [name for name in workload.tools if name in wanted and peers.find(name)]


def compared(workload: Workload, options: argparse.Namespace) -> results.Section:
    """Run the tools in turns several times, so that drift of the machine affects all equally."""
    tools, seconds = tools_of(workload, options), workload.seconds or options.seconds
    section: results.Section = {
        "kind": "comparison",
        "workload": {name: getattr(workload, name) for name in ("title", "unit", "rate", "notes")},
        "steady": workload.is_steady,
        "seconds": seconds,
        "about": results.about(tools),
        "runs": {name: [] for name in tools},
    }
    with SERVERS[workload.server]() as server:
        for name in rounds(tools, options.repeats):
            run = run_once(name, workload, server, seconds)
            section["runs"][name].append(run)
            print(f"{workload.name:10} {name:13} {told(run)}", file=sys.stderr)
            time.sleep(options.rest)
    return section


def rounds(tools: Sequence[str], repeats: int) -> Iterator[str]:
    for _ in range(repeats):
        yield from tools


def run_once(name: str, workload: Workload, server: Server, seconds: int) -> results.Section:
    program = peers.find(name)
    assert program is not None
    # hrp's plugin may still write files while its folder is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return measure(name, program, workload, server, seconds, Path(folder)).as_dict()
        except CommandFailed as error:
            return {"error": str(error)}


def told(run: results.Section) -> str:
    if "error" in run:
        return f"failed: {run['error']}"
    refused = f", {run['refused']:,} refused" if run["refused"] else ""
    each = run["requests"] / run["cpu_seconds"]
    processes = f"{run['processes']} processes, {run['memory'] / 1e6:,.0f} MB"
    return f"{each:12,.0f} per CPU-second, {run['requests']:,} in total{refused}; {processes}"


def chosen(options: argparse.Namespace) -> Iterable[Workload]:
    if options.workloads:
        return [one for one in WORKLOADS if one.name in options.workloads]
    return [one for one in WORKLOADS if options.full or one.main]


def arguments() -> argparse.Namespace:
    names = [one.name for one in WORKLOADS]
    parser = argparse.ArgumentParser(prog="python -m perf.bench", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(names))
    parser.add_argument("--full", action="store_true", help="every workload with every tool")
    parser.add_argument("--tools", nargs="+", help="only these, if they can express the workload")
    parser.add_argument("--seconds", type=int, default=4, help="the measured part of each run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rest", type=float, default=0.3, help="seconds between two runs")
    parser.add_argument("--results", type=Path, default=results.FOLDER / "results.json")
    options = parser.parse_args()
    if unknown := set(options.workloads) - set(names):
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    options = arguments()
    with ExitStack() as at_the_end:
        at_the_end.callback(report.write, options.results)
        for workload in chosen(options):
            if tools_of(workload, options):
                results.save(options.results, workload.name, compared(workload, options))


if __name__ == "__main__":
    main()
