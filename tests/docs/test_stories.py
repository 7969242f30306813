"""Test pages that are read from top to bottom: each command works after the earlier ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli

from .conftest import others_files
from .pages import PAGES, STORIES, Block, blocks, blocks_of
from .reader import Reader


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem in STORIES], ids=lambda page: page.stem
)
def test_the_commands_of_a_page_work_in_their_order(
    page: Path, tmp_path: Path, target: TargetProcess
) -> None:
    reader = Reader(tmp_path, target)
    (tmp_path / "visit.har").write_text(others_files(target.url)["visit.har"])
    typed = 0
    for block in blocks():
        if block.page == page:
            typed += _follow(reader, block)
    assert typed >= 7


def _follow(reader: Reader, block: Block) -> int:
    """Run the commands of a block, and return their number."""
    if block.kind == "text shown":
        missing = [line for line in block.text.splitlines() if not _is_in(reader.shown, line)]
        assert missing == [], reader.shown
        reader.shown = ""
    elif block.kind == "yaml" and block.name:
        (reader.folder / block.name).write_text(block.text)
    elif block.kind == "sh":
        for words in block.commands():
            reader.type(words)
        return len(block.commands())
    return 0


def _is_in(shown: str, line: str) -> bool:
    """Return whether the program wrote such a line.

    Numbers and blanks may differ, and `...` matches anything.
    """
    pattern = re.escape(_shape(line)).replace(re.escape("..."), ".*")
    return any(re.fullmatch(pattern, _shape(written)) for written in shown.splitlines())


def _shape(line: str) -> str:
    number = r"\d+(?:[ \u00a0\u202f]\d{3}(?!\d))*(?:[.,:]\d+)*"
    return " ".join(re.sub(number, "#", line).split())


def test_the_example_of_a_conversion_is_what_comes_out(tmp_path: Path) -> None:
    (source,) = blocks_of("sh file")
    (shown,) = [block for block in blocks_of("yaml") if block.page == source.page]
    (tmp_path / str(source.name)).write_text(source.text)
    ended = run_cli("convert", str(source.name), cwd=tmp_path)

    assert ended.code == 0, ended
    assert (tmp_path / "converted" / "login.yml").read_text() == shown.text
    text = source.page.read_text(encoding="utf-8")
    (line,) = re.findall(r"a line `(.*?)` in `converted/.env`", text)
    assert (tmp_path / "converted" / ".env").read_text() == f"{line}\n"
