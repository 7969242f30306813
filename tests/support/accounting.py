"""Check that a report accounts for everything, for all end-to-end tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

ENDS = ("ok", "failed", "cancelled")
COUNTS = ("issued", *ENDS, "not_issued")

# Kinds of failure that are found in a response, so the server has certainly seen the request.
_ANSWERED = ("check", "extract")

Report = Mapping[str, Any]


def check_accounting(report: Report, server_requests: int | None = None, cut: bool = False) -> None:
    """Assert every identity that a report promises; name all that do not hold.

    `server_requests` is the server's count. It must equal the number of request heads on the
    wire. After a `cut`, which breaks off requests, it must lie between the answered requests and
    the written ones.
    """
    wrong = [
        *_totals(report),
        *_iterations(report),
        *_steps(report),
        *_errors(report),
        *_seconds(report),
        *_plugins(report),
        *_wire(report, server_requests, cut),
    ]
    assert not wrong, "\n".join(wrong)


def _equal(what: str, left: int, right: int) -> Iterable[str]:
    if left != right:
        yield f"{what}: {left} != {right}"


def _ends(what: str, counts: Mapping[str, int]) -> Iterable[str]:
    told = " + ".join(f"{name} {counts[name]}" for name in ENDS)
    yield from _equal(f"{what}: issued = {told}", counts["issued"], _sum(counts, ENDS))


def _sum(counts: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(counts[name] for name in names)


def _totals(report: Report) -> Iterable[str]:
    accounting = report["accounting"]
    yield from _ends("accounting", accounting)
    yield from _equal("in flight at the end", accounting["in_flight"], 0)
    if accounting["balanced"] is not True:
        yield f"balanced is {accounting['balanced']}"


def _iterations(report: Report) -> Iterable[str]:
    told = report["iterations"]
    ends = _sum(told, ("completed", "failed", "interrupted"))
    yield from _equal("planned = started + dropped", told["planned"], _sum(told, _BEGUN))
    yield from _equal("started = completed + failed + interrupted", told["started"], ends)
    yield from _equal("dropped = its reasons", told["dropped"], sum(told["dropped_by"].values()))


_BEGUN = ("started", "dropped")


def _steps(report: Report) -> Iterable[str]:
    measured: Counter[str] = Counter()
    for step in report["steps"]:
        yield from _ends(f"step {step['name']!r}", step)
        measured.update({name: step[name] for name in COUNTS})
    warmup = report["warmup"]["total"] or dict.fromkeys(COUNTS, 0)
    for name in COUNTS:
        yield from _equal(f"steps' {name} = total", measured[name], report["total"][name])
        everything = measured[name] + warmup[name]
        yield from _equal(f"steps' {name} + warm-up", everything, report["accounting"][name])


def _errors(report: Report) -> Iterable[str]:
    told = sum(error["count"] for error in report["errors"])
    failures = _sum(report["accounting"], ("failed", "not_issued"))
    yield from _equal("errors = failed + not_issued", told, failures)


def _seconds(report: Report) -> Iterable[str]:
    for name in ("issued", "ok", "failed"):
        told = sum(second[name] for second in report["seconds"])
        yield from _equal(f"seconds' {name}", told, report["accounting"][name])


def _plugins(report: Report) -> Iterable[str]:
    ends = ("ok", "errors", "timeouts", "crashed", "cancelled")
    for plugin in report["plugins"]:
        yield from _equal(f"calls of {plugin['path']}", plugin["calls"], _sum(plugin, ends))
        yield from _equal("starts = 1 + restarts", plugin["starts"], 1 + plugin["restarts"])


def _wire(report: Report, server_requests: int | None, cut: bool) -> Iterable[str]:
    wire, accounting = report["wire"], report["accounting"]
    if wire["requests"] > accounting["issued"] + wire["redirects"]:
        yield f"wire {wire['requests']} > issued {accounting['issued']} + redirects"
    if server_requests is None:
        return
    if not cut:
        yield from _equal("wire = counted by the server", wire["requests"], server_requests)
    elif not _answered(report) <= server_requests <= wire["requests"]:
        yield f"not {_answered(report)} <= server's {server_requests} <= wire {wire['requests']}"


def _answered(report: Report) -> int:
    checked = (error["count"] for error in report["errors"] if error["kind"] in _ANSWERED)
    return int(report["accounting"]["ok"]) + sum(checked)
