"""The pages of the project, taken apart: fenced blocks, flags, links and names of files."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CHINESE = ROOT / "README.zh-CN.md"
DOCS = tuple(sorted((ROOT / "docs").glob("*.md")))
PAGES = (README, CHINESE, ROOT / "CONTRIBUTING.md", *DOCS)
# Pages whose commands only make sense in their order; the README in Chinese has those of README.
STORIES = ("README", "getting-started", "tutorial")
_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """What stands between two fences; `kind` is the info string, `line` that of its fence."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.line}"

    @property
    def name(self) -> str | None:
        """The file that the block is, if its first line says so."""
        named = re.match(r"# file: (\S+)\n", self.text)
        return named[1] if named else None

    def commands(self) -> list[list[str]]:
        """Return the words of each command, comments left out."""
        lines = self.text.replace("\\\n", "").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]


@cache
def blocks() -> tuple[Block, ...]:
    """Return all fenced blocks in the order of the pages."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _FENCED.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, match[1].strip(), match[2]))
    return tuple(found)


def blocks_of(kind: str) -> list[Block]:
    return [block for block in blocks() if block.kind == kind]


def links_of(page: Path) -> list[str]:
    """Return what the links and pictures of a page lead to, in order, without `#...`."""
    return re.findall(r"\]\(([^)#]+)[^)]*\)", words_of(page))


def words_of(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))
