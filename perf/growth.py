"""Measure how cost per request and memory grow: `python -m perf.growth`.

It runs boomtalk alone against nginx, with more and more users, steps, and bytes per response. The
result is a curve and a chart for each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from .bench import report, results
from .bench.measure import Measured, measure
from .bench.servers import SIZES, Server, nginx
from .bench.workloads import WORKLOADS, Workload
from .chart import Series, chart

_CHECK = "validate: [{eq: [status_code, 200]}]"
_HEAD = "config: {name: growth, base_url: 'http://127.0.0.1:8080'}\nteststeps:\n"
_STEPS = 1_000
Point = tuple[int, float, int]


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity that grows: `axis` is its name, `at` are its values."""

    name: str
    axis: str
    at: Sequence[int]

    def workload(self, value: int) -> Workload:
        users = value if self.name == "users" else 64
        return replace(WORKLOADS[0], users=users, settle=1.5 + users / 3000)

    def case(self, value: int) -> str:
        """Return the case for one value of the quantity."""
        if self.name == "users":
            return _HEAD + _step("get", "/")
        if self.name == "response-size":
            return _HEAD + _step("get", f"/size/{value}")
        steps, names = (_STEPS, value) if self.name == "step-names" else (value, value)
        return _HEAD + "".join(_step(f"step {number % names}", "/") for number in range(steps))


CURVES = (
    Curve("users", "users", (1, 10, 100, 1_000, 3_000, 10_000)),
    Curve("steps", "steps of the case", (1, 5, 10, 25, 50)),
    Curve("step-names", f"distinct names of {_STEPS:,} steps", (1, 10, 100, 1_000)),
    Curve("response-size", "bytes per response", SIZES),
)


def _step(name: str, url: str) -> str:
    return f"  - {{name: {name}, request: {{method: GET, url: {url}}}, {_CHECK}}}\n"


def measured(curve: Curve, server: Server, options: argparse.Namespace) -> list[Point]:
    """Measure the whole curve `repeats` times; return x, requests per CPU-second and memory."""
    at = [value for value in curve.at if value <= options.most]
    runs: dict[int, list[Measured]] = {value: [] for value in at}
    for _ in range(options.repeats):
        for value in at:
            runs[value].append(run(curve, value, server, options.seconds))
    return [point(value, runs[value]) for value in at]


def point(value: int, runs: Sequence[Measured]) -> Point:
    rate = median(one.requests / one.cpu_seconds for one in runs)
    memory = int(median(one.memory for one in runs))
    print(f"{value:9,}: {rate:9,.0f} per CPU-second, {memory / 1e6:6,.0f} MB", file=sys.stderr)
    return value, rate, memory


def run(curve: Curve, value: int, server: Server, seconds: int) -> Measured:
    with tempfile.TemporaryDirectory() as cases, tempfile.TemporaryDirectory() as folder:
        Path(cases, "case.yml").write_text(curve.case(value))
        workload = replace(curve.workload(value), case=cases)
        return measure("boomtalk", sys.executable, workload, server, seconds, Path(folder))


def drawn(curve: Curve, points: Sequence[Point], folder: Path) -> str:
    """Write the chart of a curve to the folder of the results, and return its name."""
    rates = Series("requests per CPU-second", [(x, rate) for x, rate, _ in points])
    memory = Series("memory in MB", [(x, size / 1e6) for x, _, size in points])
    name = f"growth-{curve.name}.svg"
    (folder / name).write_text(chart(curve.axis, rates, memory))
    return name


def per_user(points: Sequence[Point]) -> float | None:
    """Return the memory of one more user, from the smallest and the largest number of users."""
    (few, _, least), (many, _, most) = points[0], points[-1]
    return (most - least) / (many - few) if many > few else None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m perf.growth", description=__doc__)
    parser.add_argument("curves", nargs="*", help=", ".join(curve.name for curve in CURVES))
    parser.add_argument("--seconds", type=int, default=5, help="the measured part of each run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--most", type=int, default=10_000_000, help="leave larger values out")
    parser.add_argument("--results", type=Path, default=results.FOLDER / "results.json")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    curves = [one for one in CURVES if not options.curves or one.name in options.curves]
    section = results.load(options.results).get("growth") or {"kind": "growth"}
    for key in ("curves", "charts", "axes"):
        section.setdefault(key, {})
    section["about"] = results.about(["boomtalk"])
    with nginx() as server:
        for curve in curves:
            points = measured(curve, server, options)
            section["curves"][curve.name] = points
            section["axes"][curve.name] = curve.axis
            section["charts"][curve.name] = drawn(curve, points, options.results.parent)
            if curve.name == "users":
                section["per_user"] = per_user(points)
    results.save(options.results, "growth", section)
    report.write(options.results)


if __name__ == "__main__":
    main()
