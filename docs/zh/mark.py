"""Mark Chinese pages as up to date with their English pages.

A Chinese page names the digest of the English text that it was made from. After a change of an
English page, put the change into the Chinese page, then call `make zh-mark PAGE=cases`, or
`python docs/zh/mark.py cases load` for several pages.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
_MARK = re.compile(r"\A<!-- made from \S+ at ([0-9a-f]+) -->\n")


def english_of(page: Path) -> Path:
    return HERE.parent / page.name


def digest_of(english: Path) -> str:
    return hashlib.sha256(english.read_bytes()).hexdigest()[:16]


def marked_digest(page: Path) -> str | None:
    """Return the digest in the mark of a Chinese page; None if it has no mark."""
    mark = _MARK.match(page.read_text(encoding="utf-8"))
    return mark[1] if mark else None


def mark(page: Path) -> None:
    english = english_of(page)
    text = _MARK.sub("", page.read_text(encoding="utf-8"))
    line = f"<!-- made from docs/{english.name} at {digest_of(english)} -->\n"
    page.write_text(line + text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or sys.exit(__doc__):
        mark(HERE / f"{name}.md")
