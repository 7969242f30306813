"""Write RESULTS.md from results.json: `python -m perf.bench.report [FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import results
from .judge import Spread, compare
from .results import Section
from .tools import CHECK_NOTHING
from .workloads import WORKLOADS

_HEAD = """# Results

This file is made from `results.json` by `python -m perf.bench.report`. [README.md](README.md)
describes the method, [NOTES.md](NOTES.md) has measurements made by hand. Absolute figures depend
on the machine; only ratios within one table are meaningful. Ranges are those of the runs.
*no difference*: the runs do not show which tool does more.
"""
# If others use more than this share of the client's core, the ratios are not exact.
_QUIET = 0.05
# Each of them is compared with all tools.
_OURS = ("boomtalk", "boomtalk other Python")
_ORDER = (*(one.name for one in WORKLOADS), "shards-cost", "startup", "growth", "soak")


def write(path: Path) -> None:
    """Render a file of results as RESULTS.md in the same folder."""
    sections = results.load(path)
    names = sorted(sections, key=lambda name: _ORDER.index(name) if name in _ORDER else 99)
    texts = [_HEAD, *(render(name, sections[name]) for name in names)]
    path.with_name("RESULTS.md").write_text("\n".join(texts))


def render(name: str, section: Section) -> str:
    lines = _RENDER[section["kind"]](section)
    return "\n".join([*lines, "", *_about(name, section["about"]), ""])


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    return [f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows]]


def spread(values: Sequence[float], form: str = ",.0f", unit: str = "") -> str:
    """Return median and range as text; a single value has no range."""
    one = Spread.of(values)
    text = f"{one.median:{form}}{unit}"
    return text if len(values) == 1 else f"{text} ({one.low:{form}}-{one.high:{form}})"


def _about(name: str, about: Section) -> Iterator[str]:
    versions = ", ".join(f"{tool} {number}" for tool, number in about["versions"].items())
    yield f"<sub>{about['date']}; `{about['command']}` ({name}); {about['machine']}; load average"
    yield f"before: {about['load_before']}; {versions}</sub>"


def _comparison(section: Section) -> Iterator[str]:
    workload, unit = section["workload"], section["workload"]["unit"]
    yield f"## {workload['title']}"
    yield ""
    ours = [name for name in _OURS if name in section["runs"]]
    heads = ["tool", f"{unit} per CPU-second", *(f"{name} / tool" for name in ours), f"{unit}/s"]
    heads += ["memory", "processes"]
    yield from table(heads, [_row(section, name, ours) for name in section["runs"]])
    yield ""
    yield from _words(section)


def _row(section: Section, name: str, ours: Sequence[str]) -> list[str]:
    runs = _good(section, name)
    label = f"{name} (checks nothing)" if name in CHECK_NOTHING else name
    if not runs:
        why = _cell(section["runs"][name][-1]["error"])
        return [label, f"failed: {why}", *[""] * (len(ours) + 3)]
    left = max(run["left_behind"] for run in runs)
    processes = f"{max(run['processes'] for run in runs)}"
    if not section["steady"]:
        label += f", {spread([run['requests'] for run in runs])} in total"
    return [
        label,
        spread(_rates(runs)) + _refused(runs),
        *(_ratio(section, mine, name, runs) for mine in ours),
        f"{Spread.of([run['requests'] / run['seconds'] for run in runs]).median:,.0f}",
        f"{Spread.of([run['memory'] / 1e6 for run in runs]).median:,.0f} MB",
        processes + (f", {left} left behind" if left else ""),
    ]


def _good(section: Section, name: str) -> list[Section]:
    return [run for run in section["runs"].get(name, ()) if "error" not in run]


def _rates(runs: Sequence[Section]) -> list[float]:
    return [run["requests"] / run["cpu_seconds"] for run in runs]


def _ratio(section: Section, mine: str, name: str, runs: Sequence[Section]) -> str:
    ours = _good(section, mine)
    if name == mine or not ours:
        return ""
    found = compare(_rates(ours), _rates(runs))
    ratio = found.ratio
    text = f"{ratio.median:.2f}x ({ratio.low:.2f}-{ratio.high:.2f})"
    return text if found.verdict in ("more", "less") else f"{text}, {found.verdict}"


def _refused(runs: Sequence[Section]) -> str:
    share = max(run["refused"] / max(1, run["whole_requests"]) for run in runs)
    return f"; {share:.0%} refused by the server, not comparable" if share > 0.01 else ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:100]


def _words(section: Section) -> Iterator[str]:
    part = "measured part of each run" if section["steady"] else "duration given to each run"
    rounds = max((len(runs) for runs in section["runs"].values()), default=0)
    yield f"Rounds, in turns: {rounds}; {part}: {section['seconds']} s."
    yield from _foreign(section)
    yield from section["workload"]["notes"]


def _foreign(section: Section) -> Iterator[str]:
    shares = [
        run["others"] for runs in section["runs"].values() for run in runs if "error" not in run
    ]
    known = [share for share in shares if share is not None]
    if known and max(known) > _QUIET:
        yield f"The machine was not quiet: others used up to {max(known):.0%} of the client's core."


def _startup(section: Section) -> Iterator[str]:
    yield "## Start"
    yield ""
    yield from table(
        ["what", "wall", "CPU"],
        [
            [
                name,
                *(spread([run[key] * 1000 for run in runs], unit=" ms") for key in ("wall", "cpu")),
            ]
            for name, runs in section["runs"].items()
        ],
    )
    yield ""
    yield "The server measures the first request, from the start of the process."


def _growth(section: Section) -> Iterator[str]:
    yield "## Growth"
    for name, points in section["curves"].items():
        yield f"\n### {name}\n"
        rows = [[f"{x:,}", f"{rate:,.0f}", f"{memory / 1e6:,.0f} MB"] for x, rate, memory in points]
        yield from table([section["axes"][name], "requests per CPU-second", "memory"], rows)
        yield f"\n![{name}]({section['charts'][name]})"
    if section.get("per_user") is not None:
        yield f"\nMemory per user: {section['per_user'] / 1000:,.1f} KB."


def _soak(section: Section) -> Iterator[str]:
    yield "## Soak"
    yield ""
    yield f"{section['users']:,} users for {section['minutes']:g} minutes, {section['requests']:,}"
    yield f"requests: {section['early'] / 1e6:.1f} MB at minute {section['early_minute']:.2g},"
    within = "within" if section["flat"] else "NOT within"
    yield f"{section['late'] / 1e6:.1f} MB at the end; {within} 2 MB."


def _shards(section: Section) -> Iterator[str]:
    yield "## Overhead of shards"
    yield ""
    costs = section["costs"]
    counts = [name for name in costs[0]["driver_ms"] if name != "1"]
    heads = ["steps of the case", "bytes per shard and second", "pause of the shard's loop"]
    heads += ["CPU of the driver per shard and second", *(f"{name} shards" for name in counts)]
    yield from table(heads, [_shards_row(section, cost, counts) for cost in costs])
    yield ""
    call = section["call_ms"]
    yield "The last columns estimate the share of one core that a driver needs for the shards, and"
    yield "the traffic that they send: the measured numbers per shard"
    yield (
        f"and {call:.2f} ms per call of Ray," if call is not None else "without the calls of Ray,"
    )
    yield "times the number of shards. There was no cluster of that size to try."


def _shards_row(section: Section, cost: Section, counts: Sequence[str]) -> list[str]:
    driver = cost["driver_ms"]
    return [
        f"{cost['steps']}",
        f"{cost['bytes']:,}",
        f"{cost['shard_ms']:.2f} ms",
        f"{driver['1']:.2f} ms",
        *(_shards_needed(section, cost, name) for name in counts),
    ]


def _shards_needed(section: Section, cost: Section, name: str) -> str:
    milliseconds = cost["driver_ms"][name] + (section["call_ms"] or 0)
    megabits = cost["bytes"] * int(name) * 8 / 1e6
    return f"{milliseconds * int(name) / 1000:.0%} of a core, {megabits:,.1f} Mbit/s"


_RENDER = {
    "shards": _shards,
    "comparison": _comparison,
    "startup": _startup,
    "growth": _growth,
    "soak": _soak,
}


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else results.FOLDER / "results.json")
