"""Keeps secrets out of what is written and shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


def mask_command(command: Sequence[str]) -> list[str]:
    """Return the command line with the values of `-e` and the userinfo of URLs masked."""
    masked: list[str] = []
    for word in command:
        if masked and masked[-1] in ("-e", "--env"):
            word = _mask_pair(word)
        elif word.startswith("--env="):
            word = "--env=" + _mask_pair(word.removeprefix("--env="))
        elif word.startswith("-e") and "=" in word:
            word = "-e" + _mask_pair(word.removeprefix("-e"))
        masked.append(mask_url(word))
    return masked


def mask_url(text: str) -> str:
    return _USERINFO.sub(f"{MASK}@", text)


def _mask_pair(pair: str) -> str:
    name, mark, _ = pair.partition("=")
    return f"{name}={MASK}" if mark else pair
