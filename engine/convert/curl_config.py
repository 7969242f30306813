"""Read curl's config files (`--config`), which hold options line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LINE = re.compile(r'\s*([^\s=:]+)\s*[=:]?\s*(?:"((?:[^"\\]|\\.)*)"|(\S*))')
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "v": "\v"}


def config_words(text: str) -> Sequence[str]:
    """Return the options of a config file as words of a command line (curl(1), --config)."""
    words: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith("#") or (match := _LINE.match(line)) is None:
            continue
        name = match[1] if match[1].startswith("-") else f"--{match[1]}"
        words.append(name)
        if match[2] is not None:
            words.append(re.sub(r"\\(.)", lambda found: _NAMED.get(found[1], found[1]), match[2]))
        elif match[3]:
            words.append(match[3])
    return words
