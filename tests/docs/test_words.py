"""Test that everything the pages name exists: flags, files, links, targets of make."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.boomtalk_cli import run_cli

from .pages import CHINESE_DOCS, PAGES, ROOT, words_of

# Names that users of hrp and k6 know: they work, but --help does not show them.
KNOWN = {
    *("--spawn-count", "--run-time", "--loop-count", "--vus", "--venv", "--proxy-url"),
    *("--disable-keepalive", "--disable-console-output", "--auto-start", "--log-plugin"),
    *("--log-requests-off", "--cpu-profile", "--mem-profile"),
}
# Flags of other programs, which the pages compare with ours.
OTHERS = {
    *("--master", "--worker", "--from-har", "--http-stat", "--log-json"),
    *("--stop-timeout", "--rps", "--summary-export", "--json-file"),
    *("--install", "--network", "--rm", "--user"),
    *("--url-query", "--oauth2-bearer", "--next", "--digest", "--ntlm"),
}


every_page = pytest.mark.parametrize(
    "page",
    [*PAGES, *CHINESE_DOCS],
    ids=lambda page: page.relative_to(ROOT).with_suffix("").as_posix(),
)


@cache
def flags() -> frozenset[str]:
    """Return the flags of all commands."""
    commands = re.findall(
        r"^  ([a-z][a-z-]*) ", run_cli("--help").out.partition("Commands:")[2], re.M
    )
    assert {"boom", "run", "check"} <= set(commands)
    helps = (run_cli(*words, "--help").out for words in ((), *([one] for one in commands)))
    return frozenset(flag for text in helps for flag in re.findall(r"(?<!\w)--[a-z][\w-]*", text))


@every_page
def test_every_flag_that_a_page_names_is_one(page: Path) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", words_of(page)))
    assert named - flags() - KNOWN - OTHERS == set()


@pytest.mark.parametrize("flag", sorted(KNOWN))
def test_a_name_that_others_know_is_taken(flag: str) -> None:
    ended = run_cli("boom", "http://127.0.0.1:1", "-i", "1", "--no-out", flag)
    assert "No such option" not in ended.err, ended


@pytest.mark.parametrize("flag", sorted(OTHERS - {"--from-har"}))
def test_a_flag_of_another_program_is_none_of_ours(flag: str) -> None:
    ended = run_cli("boom", "http://127.0.0.1:1", "-i", "1", "--no-out", flag)
    assert ended.code == 2, ended
    assert re.search("No such option|of HttpRunner is not available", ended.err), ended


@every_page
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", words_of(page))
    within = [link for link in links if "://" not in link]
    assert [link for link in within if not (page.parent / link).exists()] == []


@every_page
def test_every_section_that_a_page_links_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^):]*)#([^)]+)\)", words_of(page))
    places = [(page.parent / name if name else page, section) for name, section in links]
    assert [(place.name, name) for place, name in places if name not in _sections(place)] == []


@cache
def _sections(page: Path) -> frozenset[str]:
    """Return the names by which links find the sections of a page, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", words_of(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads)


@every_page
def test_every_source_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:[\w.]+/)+(?:[\w.]+\.(?:py|md|toml))?)`", words_of(page))
    homes = (ROOT, ROOT / "engine")
    gone = [name for name in named if not any((home / name).exists() for home in homes)]
    assert gone == []


@every_page
def test_every_target_of_make_that_a_page_names_is_one(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z][\w-]*)`", words_of(page)))
    assert named - targets == set()
