"""Test the README: same content in both languages, links to all pages, measured figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .pages import (
    CHINESE,
    CHINESE_DOCS,
    PAGES,
    README,
    ROOT,
    blocks_in,
    code_of,
    links_of,
    words_of,
)

WORDS = ROOT / "docs" / "words.md"  # in both languages
HERE = (ROOT / "perf" / "RESULTS.md", ROOT / "perf" / "NOTES.md")


def test_both_languages_have_the_same_code() -> None:
    english, chinese = ([*map(code_of, blocks_in(page))] for page in (README, CHINESE))
    assert len(english) >= 5
    assert chinese == english


def test_both_languages_have_the_same_links_but_for_those_to_each_other() -> None:
    translated = {page.name for page in CHINESE_DOCS}
    english, chinese = links_of(README), links_of(CHINESE)
    english = [
        link.replace("docs/", "docs/zh/") if Path(link).name in translated else link
        for link in english
    ]
    assert [link for link in english if link != CHINESE.name] == [
        link for link in chinese if link != README.name
    ]
    assert CHINESE.name in english
    assert README.name in chinese


def test_both_languages_have_the_same_sections_and_tables() -> None:
    def shape(page: Path) -> list[str]:
        return re.findall(r"^#+(?= )|^\|(?: ?-+ ?\|)+", words_of(page), re.MULTILINE)

    assert shape(README) == shape(CHINESE)


def test_both_languages_have_the_same_numbers() -> None:
    def numbers(page: Path) -> list[str]:
        text = re.sub(r"\]\([^)]*\)", "]", words_of(page))
        return sorted(re.findall(r"\d+(?:[.,]\d+)*", text))

    assert numbers(README) == numbers(CHINESE)


def test_the_figures_of_the_readme_were_measured() -> None:
    measured = "".join(page.read_text(encoding="utf-8") for page in HERE)
    (table,) = re.findall(r"^\| measured \|.*?\n\n", words_of(README), re.DOTALL | re.MULTILINE)
    figures = set(re.findall(r"(?<![\d.])\d{1,3}(?:,\d{3})+|(?<![\d.,])\d+(?= MB)", table))
    assert len(figures) >= 6
    assert {
        figure for figure in figures if not re.search(rf"(?<![\d,]){figure}\b", measured)
    } == set()


def test_every_page_is_named_in_the_readme() -> None:
    named = {(ROOT / link).resolve() for link in links_of(README)}
    assert {page.name for page in PAGES if page not in {README, *named}} == set()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page not in (CHINESE, WORDS)], ids=lambda page: page.stem
)
def test_a_page_in_english_is_ascii(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if not line.isascii()] == []
