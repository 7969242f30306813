"""Test that docs/words.md explains the words of screen, page and report, in both languages."""

from __future__ import annotations

import re
from functools import cache

import pytest
from boomtalk.engine.errors import StepFailed

from .pages import ROOT

WORDS = (
    *("issued", "not issued", "ok", "failed", "cancelled", "in flight", "on the wire", "check"),
    *("user", "iteration", "interrupted", "dropped", "transaction", "warm-up", "think time"),
    *("latency", "response time", "connect", "plugin", "run", "wait", "given up"),
    *("target", "generator", "lag", "limited by", "trusted", "threshold", "verdict", "shard"),
)


@cache
def explained() -> dict[str, tuple[str, str]]:
    """Return the words of the page with their explanations in English and Chinese."""
    text = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return {
        name: (english, chinese)
        for names, english, chinese in rows
        for name in names.replace("`", "").split(", ")
    }


def named_in(source: str, *calls: str) -> set[str]:
    """Return the first arguments of such calls, where they are texts."""
    found: set[str] = set()
    for path in (ROOT / source).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(rf"\b(?:{'|'.join(calls)})\(\s*\"(\w+)\"", text))
    return found


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_explained_in_both_languages(word: str) -> None:
    english, chinese = explained()[word]
    assert english.isascii()
    assert re.search(r"[\u4e00-\u9fff]", chinese)


def test_every_limit_is_explained() -> None:
    limits = named_in("engine/load", "Limit")
    assert {"server", "schedule", "none"} <= limits
    assert limits - set(explained()) == set()


def test_every_kind_of_failure_is_explained() -> None:
    (named,) = re.findall(r"Kinds: (.*?)\.", str(StepFailed.__doc__), re.DOTALL)
    kinds = {*named.split(), *named_in("engine", "StepFailed")}
    kinds |= named_in("plugins", "PluginCallError")
    assert len(kinds) >= 20
    assert kinds - set(explained()) == set()
