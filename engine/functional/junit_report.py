"""This module writes a functional run as JUnit XML: a suite per row, a testcase per step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

# Characters that XML 1.0 forbids, even as escapes (section 2.2, production Char).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_of(summary: Mapping[str, Any]) -> bytes:
    """Return JUnit XML for a summary, which must be masked already."""
    suites = Element("testsuites", name="boomtalk")
    for detail in summary["details"]:
        _suite(suites, detail)
    data: bytes = tostring(suites, encoding="utf-8", xml_declaration=True)
    return data


def _suite(suites: Element, detail: Mapping[str, Any]) -> None:
    records = detail["records"]
    outside = detail.get("attachments")
    suite = SubElement(
        suites,
        "testsuite",
        name=clean(detail["name"]),
        # A failure outside of all steps (a timeout) gets a testcase, or the suite would pass.
        tests=str(len(records) + (outside is not None)),
        failures=str(detail["stat"]["failures"] + (outside is not None)),
        skipped=str(sum("skipped" in record for record in records)),
        time=str(detail["time"]["duration"]),
        timestamp=detail["time"]["start_at"],
    )
    for record in records:
        seconds = f"{record['elapsed_ms'] / 1000:.3f}"
        case = _testcase(suite, record["name"], detail["name"], seconds)
        if "skipped" in record:
            SubElement(case, "skipped")
        if not record["success"]:
            _failure(case, record.get("attachments", ""))
    if outside is not None:
        _failure(_testcase(suite, "case", detail["name"], "0"), outside)


def _testcase(suite: Element, name: str, case: str, seconds: str) -> Element:
    return SubElement(suite, "testcase", name=clean(name), classname=clean(case), time=seconds)


def _failure(case: Element, text: str) -> None:
    first = text.partition("\n")[0]
    SubElement(case, "failure", message=clean(first)[:200]).text = clean(text)


def clean(text: str) -> str:
    """Replace characters that XML forbids."""
    return _FORBIDDEN.sub("\ufffd", text)
