"""Provide a recorded run, and its page parsed for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

HOSTILE = '</script><img src=x onerror="document.title=1"> | `x` [link=y] &amp; <!-- \u202e\x07'


@dataclass(frozen=True)
class Run:
    """A run directory and the page that was made from it."""

    directory: Path
    page: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.directory / "report.json").read_text())
        return report

    def seconds(self) -> list[dict[str, Any]]:
        lines = (self.directory / "record.jsonl").read_text().splitlines()
        return [one for one in map(json.loads, lines) if one["record"] == "second"]

    def read(self) -> Page:
        return Page(self.page.read_text())


class Page(HTMLParser):
    """The elements of a page, its texts, and the data that it carries."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.texts: dict[str, str] = {}
        self._open = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        self._open = dict(attrs).get("id") or tag

    def handle_data(self, data: str) -> None:
        self.texts[self._open] = self.texts.get(self._open, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.texts["content"])
        return content


def decoded(text: str) -> list[int]:
    """Return the numbers in a text of base64 digits: five bits and a continuation bit each."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    numbers, number, shift = [], 0, 0
    for digit in map(alphabet.index, text):
        number |= (digit & 31) << shift
        shift += 5
        if digit < 32:
            numbers.append(number)
            number = shift = 0
    return numbers


def buckets_of(text: str) -> dict[int, int]:
    numbers, buckets, bucket = decoded(text), {}, 0
    for gap, number in zip(numbers[::2], numbers[1::2], strict=True):
        bucket += gap
        buckets[bucket] = number
    return buckets


def rows_of(seconds: Iterable[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [row for one in seconds for row in one["steps"] if row["name"] == name]


def total(rows: Iterable[Mapping[str, Any]], key: str) -> int:
    return sum(row.get(key, 0) for row in rows)
