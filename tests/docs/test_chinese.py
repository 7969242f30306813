"""Test the Chinese pages: each has the content of its English page, and is as new."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.zh.mark import digest_of, english_of, marked_digest

from .pages import CHINESE_DOCS, blocks_in, code_of, links_of, words_of

pages = pytest.mark.parametrize("page", CHINESE_DOCS, ids=lambda page: page.stem)


@pages
def test_the_english_page_has_not_changed_since_the_chinese_one_was_made(page: Path) -> None:
    assert marked_digest(page) == digest_of(english_of(page)), (
        f"docs/{page.name} has changed: put the change into docs/zh/{page.name}"
        f" (git log -p docs/{page.name} shows it), then call make zh-mark PAGE={page.stem}"
    )


@pages
def test_both_languages_have_the_same_code(page: Path) -> None:
    chinese, english = ([*map(code_of, blocks_in(each))] for each in (page, english_of(page)))
    assert chinese == english


@pages
def test_both_languages_have_the_same_sections_and_tables(page: Path) -> None:
    def shape(page: Path) -> list[str]:
        return re.findall(r"^(?:#+(?= )|- |\|(?= ))", words_of(page), re.MULTILINE)

    assert shape(page) == shape(english_of(page))


@pages
def test_a_chinese_page_names_everything_that_the_english_one_names(page: Path) -> None:
    """All flags, keys, kinds and numbers in code marks, in whatever order a language needs."""

    def named(page: Path) -> set[str]:
        return set(re.findall(r"`([^`\n]+)`", " ".join(words_of(page).split())))

    assert named(english_of(page)) - named(page) == set()


@pages
def test_both_languages_have_the_same_numbers(page: Path) -> None:
    def numbers(page: Path) -> set[str]:
        text = words_of(page).partition("\n# ")[2] or words_of(page)
        return set(re.findall(r"\d+(?:[.,]\d+)*", text))

    assert numbers(page) == numbers(english_of(page))


@pages
def test_a_chinese_page_leads_to_chinese_pages(page: Path) -> None:
    links = [link for link in links_of(page) if link.startswith("../")]
    translated = {f"../{other.name}" for other in CHINESE_DOCS}
    assert [link for link in links if link in translated] == [f"../{page.name}"]


@pages
def test_both_languages_lead_to_the_same_pages(page: Path) -> None:
    def targets(page: Path) -> set[Path | str]:
        links = links_of(page)
        return {link if "://" in link else _english(page.parent / link) for link in links}

    assert targets(english_of(page)) - targets(page) == set()


def _english(target: Path) -> Path:
    target = target.resolve()
    return english_of(target) if target in CHINESE_DOCS else target
