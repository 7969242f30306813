"""List the circumstances in which two runs differ, so that the reader can judge them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_Report = Mapping[str, Any]
_EARLY = ("killed", "error", "signal", "caller", "plugin", "threshold", "setup")


def differences(
    origins: tuple[_Report, _Report], reports: tuple[_Report, _Report]
) -> Iterator[str]:
    """Yield a line for each difference that makes the two runs hard to compare."""
    for what, one, other in _facts(origins, reports):
        if one != other:
            yield f"{what}: {one} in A, {other} in B"
    yield from _files(*(_hashes(origin) for origin in origins))
    for side, report in zip("AB", reports, strict=True):
        if not report["health"]["trusted"]:
            doubt = report["health"].get("doubt") or "its generator fell behind"
            yield f"{side} was not trusted: {doubt}"
        if report["stopped_by"] in _EARLY:
            yield f"{side} ended early: {report['stopped_by']}"


def _facts(
    origins: tuple[_Report, _Report], reports: tuple[_Report, _Report]
) -> Iterator[tuple[str, Any, Any]]:
    one, other = reports
    yield "load model", one["load"]["model"], other["load"]["model"]
    yield "users", one["load"]["users"], other["load"]["users"]
    yield "boomtalk", one["tool"]["version"], other["tool"]["version"]
    for name in ("system", "python", "cores"):
        here, there = (origin["origin"]["machine"][name] for origin in origins)
        yield name, here, there


def _files(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(one.keys() | other.keys()):
        if name not in other:
            yield f"{name} was used in A only"
        elif name not in one:
            yield f"{name} was used in B only"
        elif one[name] != other[name]:
            yield f"{name} is not the same file in A and B"


def _hashes(origin: _Report) -> dict[str, str]:
    # Compare names without folders: the same project may lie in another folder.
    return {Path(file["path"]).name: file["sha256"] for file in origin["origin"]["files"]}
