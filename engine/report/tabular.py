"""Write the report as rows for other programs: CSV, and JUnit for CI servers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ..functional.junit_report import clean
from .failures import kind_of, text_of
from .headline import headline_of

_COUNTS = ("issued", "ok", "failed", "cancelled", "not_issued")
_TIMES = ("min", "mean", "p50", "p90", "p95", "p99", "p999", "max")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SECONDS = ("t", "users", "issued", "ok", "failed", "p50_ms", "p99_ms", "plugins", "lag_ms")
HEAD = ("case", "name", "type", *_COUNTS, "rate", *(f"{name}_ms" for name in _TIMES))


def csv_of(report: Mapping[str, Any]) -> bytes:
    """Return one row per step and transaction; the first line holds the column names."""
    text = _line(HEAD) + "".join(map(_line, _rows(report)))
    return text.encode("utf-8", "replace")  # names may hold lone surrogates


def csv_seconds_of(report: Mapping[str, Any]) -> bytes:
    """Return one row per second; the first line holds the column names."""
    rows = ([second[name] for name in SECONDS] for second in report["seconds"])
    return "".join(map(_line, (SECONDS, *rows))).encode()


def junit_of(report: Mapping[str, Any]) -> bytes:
    """Return one testcase per threshold and per step; a step with any failure fails."""
    suite = Element("testsuite", name="boomtalk", time=f"{report['duration']:.3f}")
    # The name of the suite must stay the same, or a CI server could not follow its history.
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="headline", value=clean(headline_of(report)[1]))
    for rule in report["thresholds"]:
        case = SubElement(suite, "testcase", classname="threshold", name=clean(rule["expression"]))
        if not rule["passed"]:
            SubElement(case, "failure", message=f"was {rule['value']}")
    for step in report["steps"]:
        case = SubElement(
            suite, "testcase", classname=clean(step["case"]), name=clean(step["name"])
        )
        _judge(case, report, step)
    SubElement(suite, "system-out").text = clean(headline_of(report)[1])
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    data: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return data


def _judge(case: Element, report: Mapping[str, Any], step: Mapping[str, Any]) -> None:
    """Mark a step with failures as failed, and one that no iteration came to as skipped."""
    failed = step["failed"] + step["not_issued"]
    if failed:
        message = f"{failed} of {step['ok'] + failed} failed"
        failure = SubElement(case, "failure", message=message)
        failure.text = clean("\n".join(_errors(report, step)))
    elif not step["issued"]:
        SubElement(case, "skipped", message="nothing was sent")


def _rows(report: Mapping[str, Any]) -> Iterator[list[Any]]:
    for step in report["steps"]:
        times = step["latency_ms"]
        counts = [step[name] for name in _COUNTS]
        about = [step["case"], step["name"], step["type"]]
        yield [*about, *counts, step["rate"], *(times[name] for name in _TIMES)]
    for span in report["transactions"]:
        times = span["duration_ms"]
        ended = span["ok"] + span["failed"] + span["interrupted"]
        rate = round(span["ok"] / report["duration"], 3) if report["duration"] else 0.0
        counts = [ended, span["ok"], span["failed"], span["interrupted"], 0]
        about = [span["case"], span["name"], "transaction"]
        yield [*about, *counts, rate, *(times[name] for name in _TIMES)]


def _line(row: Iterable[Any]) -> str:
    text = io.StringIO()
    # The writer puts a cell in quotes if it holds a character of the line's end. A lone CR ends a
    # row too for many readers, so both are named here (RFC 4180, 2.6).
    csv.writer(text, lineterminator="\r\n").writerow(map(_harmless, row))
    return text.getvalue().removesuffix("\r\n") + "\n"


def _harmless(value: Any) -> Any:
    # A spreadsheet would run such a text as a formula (OWASP: CSV injection).
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _errors(report: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[str]:
    for error in report["errors"]:
        if (error["case"], error["step"]) == (step["case"], step["name"]):
            yield f"{error['count']} x {kind_of(error)}: {text_of(error)}"
