"""Mask secrets in everything that is written or shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..case.model import Case, ReferenceStep

MASK = "***"
_SHORTEST = 6
_NAMES = r"authorization|cookie|api[-_]?key|token|passw(?:or)?d|pwd|secret|signature"
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_ORIGIN = re.compile(r"(?:https?|wss?)://[\w.:\[\]-]+/?", re.ASCII)
_USERINFO = re.compile(r"(?<=://)[^/@\s]{1,500}@")
# Bounded, and tried only at the start of a word: on a long text without blanks an unbounded
# pattern would take quadratic time.
_PAIR = re.compile(
    rf"(?<![\w-])([\w-]{{0,40}}?(?:{_NAMES})[\w-]{{0,40}}=)[^&;\s\"']+", re.IGNORECASE
)
_JSON_PAIR = re.compile(
    rf'("[^"]{{0,40}}?(?:{_NAMES})[^"]{{0,40}}"\s*:\s*)("(?:[^"\\]|\\.)+"|[\d.]+)', re.IGNORECASE
)
# The message of a failed check: `body.token eq "expected": got "actual"`.
_CHECK = re.compile(
    rf"(?<!\S)(\S{{0,80}}?(?:{_NAMES})\S{{0,80}} \w+ )(.*?)(: got )(.*)", re.IGNORECASE | re.DOTALL
)
_EMPTY = re.compile(r"(?:null|\"\"|\[\]|\{\})(?: \(.*\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mask:
    """Masks by value (those of the environment) and by name (`password`, `Authorization`)."""

    secrets: tuple[str, ...] = ()

    @classmethod
    def of(cls, cases: Iterable[Case]) -> Mask:
        """Return the mask for these cases: every value of `.env` and `-e` is a secret.

        Exceptions: values under six characters, such as `1`, would be replaced all over every
        text; `base_url` and URLs without a path only say where the target is.
        """
        found = {
            value
            for case in cases
            for environment in _environments(case)
            for name, value in environment.items()
            if len(value) >= _SHORTEST and name != "base_url" and not _ORIGIN.fullmatch(value)
        }
        # Long ones first: a short secret inside a long one would leave the rest of it readable.
        return cls(tuple(sorted(found, key=len, reverse=True)))

    def text(self, text: str) -> str:
        """Mask secret values, userinfo in URLs, and the values of pairs with a secret name."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        text = _USERINFO.sub(f"{MASK}@", text)
        return _JSON_PAIR.sub(rf'\1"{MASK}"', _PAIR.sub(rf"\1{MASK}", text))

    def message(self, text: str) -> str:
        """Mask the message of a failure, with both sides of a check on a secret."""
        return _CHECK.sub(rf"\1{MASK}: got {MASK}", self.text(text))

    def tree(self, value: Any, name: str = "") -> Any:
        """Mask secrets in nested maps, lists and texts; `name` is the key of the value."""
        is_secret = _SECRET_NAME.search(name) is not None
        if isinstance(value, Mapping):
            return {
                str(key): self.tree(item, name if is_secret else str(key))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.tree(item, name) for item in value]
        if is_secret and value not in (None, "", b""):
            return MASK
        return self.text(value) if isinstance(value, str) else value


def _masked_check(match: re.Match[str]) -> str:
    sides = (side if _EMPTY.fullmatch(side) else MASK for side in (match[2], match[4]))
    return match[1] + match[3].join(sides)


def _environments(case: Case) -> Iterable[Mapping[str, str]]:
    yield case.project.environment
    for step in case.steps:
        if isinstance(step, ReferenceStep):
            yield from _environments(step.case)


def mask_command(command: Sequence[str]) -> list[str]:
    """Mask the values of `-e` and the userinfo of URLs in a command line."""
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
