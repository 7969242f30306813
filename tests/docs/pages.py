"""Split the pages of the project into fenced blocks, links and words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CHINESE = ROOT / "README.zh-CN.md"
DOCS = tuple(sorted((ROOT / "docs").glob("*.md")))
PAGES = (README, CHINESE, ROOT / "CONTRIBUTING.md", *DOCS)
# They show the blocks of the English pages, which are the ones that are tried.
CHINESE_DOCS = tuple(sorted((ROOT / "docs" / "zh").glob("*.md")))
# Pages whose commands need their order; the Chinese README has the commands of README.
STORIES = ("README", "getting-started", "tutorial")
_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """The text between two fences; `kind` is the info string, `line` that of the first fence."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.line}"

    @property
    def name(self) -> str | None:
        """The file name of the block, if its first line has one."""
        named = re.match(r"# file: (\S+)\n", self.text)
        return named[1] if named else None

    def commands(self) -> list[list[str]]:
        """Return the words of each command, without comments."""
        lines = self.text.replace("\\\n", "").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]


@cache
def blocks() -> tuple[Block, ...]:
    """Return all fenced blocks in the order of the pages."""
    return tuple(block for page in PAGES for block in blocks_in(page))


def blocks_in(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, match[1].strip(), match[2])


def blocks_of(kind: str) -> list[Block]:
    return [block for block in blocks() if block.kind == kind]


def code_of(block: Block) -> tuple[str, str]:
    """Return a block without its comments, which are in the language of the page."""
    lines = [re.sub(r"\s*(?<!\S)#.*", "", line) for line in block.text.splitlines()]
    return block.kind, "\n".join(line for line in lines if line)


def links_of(page: Path) -> list[str]:
    """Return the targets of the links and pictures of a page, in order, without `#...`."""
    return re.findall(r"\]\(([^)#]+)[^)]*\)", words_of(page))


def words_of(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))
