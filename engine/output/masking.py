"""Mask secrets in everything that is written or shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import replace

from ..case.model import Case, ReferenceStep, RequestStep, Step, WebSocketStep, Written
from .known_values import SHORT, KnownValues
from .named_values import NamedValues, Span
from .secret_names import NameRules
from .spellings import readings

MASK = "***"
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_IN_JSON = re.compile(r"\s*[,\]}]")
_PLAIN_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none"})
_USERINFO = re.compile(r"(?<=://)[^/@\s]{1,500}@")
_PASSWORD = re.compile(r"://[^/@\s:]*:([^/@\s]{1,500})@")
# The message of a failed check: `body.token eq "expected": got "actual"`.
_CHECK = re.compile(
    r"(?<!\S)(?P<check>\S{1,160}) \w+ (?P<expected>.*?): got (?P<actual>.*)", re.DOTALL
)
_EMPTY = re.compile(r"(?:null|\"\"|\[\]|\{\})(?: \(.*\))?", re.DOTALL)
_MOST_LEAVES = 1_000
_LONGEST_SECRET = 4_096
_LARGEST = 10**100
# `-e` may stand behind other flags of one letter: `-ke NAME=value`, `-eNAME=value`.
_ENV_FLAG = re.compile(r"--env|-[A-Za-z]*e")
_ENV_PAIR = re.compile(r"\A(?P<name>[^=]*=).*", re.DOTALL)
_ENV_WORD = re.compile(r"\A(?P<name>(?:--env=|-[A-Za-z]*?e)[^=]+=).*", re.DOTALL)


class Mask(Struct, frozen=True):
    """Masks by value (those of the environment) and by name (`password`, `Authorization`).

    It is made once per run. `variables` are names of variables that hold secrets by their origin.
    """

    known: KnownValues = field(default_factory=KnownValues)
    names: NamedValues | None = field(default_factory=lambda: NamedValues.of(NameRules()))
    variables: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cases: Iterable[Case], rules: NameRules = NameRules()) -> Self:  # noqa: B008
        """Return the mask for these cases: the values of `.env` and `-e` are secrets.

        Not those that are plainly harmless, or too short to stand for anything.
        """
        every = [one for case in cases for one in _with_references(case)]
        steps = [step for case in every for step in case.steps]
        values = [
            value
            for case in every
            for name, text in case.project.environment.items()
            for value in _values_in(name, text, rules)
        ]
        for variables in (
            *(case.config.variables for case in every),
            *(s.variables for s in steps),
        ):
            values += _secrets_written(variables, rules)
        extracted = frozenset(name for step in steps for name in _secrets_extracted(step, rules))
        return cls(KnownValues.of(values), NamedValues.of(rules), extracted)

    @property
    def longest(self) -> int:
        """The number of characters that the longest known secret can take in a text."""
        return self.known.longest

    @property
    def by_value(self) -> Mask:
        """This mask without its names: it masks only the values that it knows."""
        return replace(self, names=None, variables=frozenset())

    def knowing(self, variables: Mapping[str, Any]) -> Mask:
        """Return a mask that also knows the values of those variables whose names are secret.

        Short ones are left out: masked everywhere, `admin` would spoil a report.
        """
        secret = [value for name, value in variables.items() if self._is_secret_variable(name)]
        if not secret:
            return self
        return replace(self, known=self.known.plus(KnownValues.of(_texts_in(secret))))

    def text(self, text: str, most: int | None = None) -> str:
        """Mask one text; with `most`, return only what stands in its first `most` characters.

        Then no more than `most + longest` characters are looked at: a secret that goes on behind
        the cut is masked too. Half a secret at the end of `text` itself cannot be recognised.
        """
        seen = text if most is None else text[: most + self.longest]
        shown = len(seen) if most is None else most
        parts: list[str] = []
        end = 0
        for begin, stop in sorted(self._spans(seen)):
            if begin >= shown:
                break
            if begin > end or not parts:
                parts += [seen[end:begin], _replacement(seen, begin, stop)]
            end = max(end, stop)
        return "".join((*parts, seen[end:shown])) if parts else seen[:shown]

    def message(self, text: str) -> str:
        """Mask the message of a failure, with both sides of a check on a secret."""
        masked = self.text(text)
        check = _CHECK.search(masked)
        if check is None or self.names is None or not self.names.rules.is_secret(check["check"]):
            return masked
        sides = [
            side if _EMPTY.fullmatch(side) else MASK for side in check.group("expected", "actual")
        ]
        return masked[: check.start("expected")] + ": got ".join(sides)

    def tree(self, value: Any, name: str = "") -> Any:
        """Mask secrets in nested maps, lists and texts; `name` is the key of the value."""
        is_secret = self.names is not None and self.names.rules.is_secret(name)
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): self.tree(item, name if is_secret else str(key))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.tree(item, name) for item in value]
        if is_secret and value not in (None, "", b"") and not isinstance(value, bool):
            return MASK
        if isinstance(value, str):
            return self.text(value)
        return MASK if value.__class__ is int and value in self.known.numbers else value

    def values_of(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Mask the values of variables, by their origin too."""
        return {name: self.variable(value, name) for name, value in variables.items()}

    def variable(self, value: Any, name: str) -> Any:
        """Mask the value of one variable."""
        return self.tree(value, "password" if name in self.variables else name)

    def command(self, words: Sequence[str]) -> list[str]:
        """Mask a command line: values of `-e`, userinfo, and whatever else is known."""
        return [self.text(word) for word in mask_command(words)]

    def _is_secret_variable(self, name: str) -> bool:
        if self.names is None:
            return False
        return name in self.variables or self.names.rules.is_secret(name)

    def _spans(self, text: str) -> Iterator[Span]:
        for reading, places in readings(text):
            for begin, end in self.known.spans(reading):
                yield places[begin], places[end]
            if self.names is not None:
                for begin, end in self.names.spans(reading):
                    yield places[begin], places[end]


def _replacement(text: str, begin: int, end: int) -> str:
    # A number in JSON becomes a string, so that the text stays JSON.
    is_number = _NUMBER.fullmatch(text, begin, end) and _IN_JSON.match(text, end)
    return f'"{MASK}"' if is_number else MASK


def _with_references(case: Case) -> Iterator[Case]:
    yield case
    for step in case.steps:
        if isinstance(step, ReferenceStep):
            yield from _with_references(step.case)


def _values_in(name: str, value: str, rules: NameRules) -> Iterator[str]:
    """Yield the secrets in a variable of the environment: its value, or a password in a URL."""
    yield from _PASSWORD.findall(value)
    if rules.hides(name, value) and (
        len(value) >= SHORT or not _is_plain(value) or rules.is_secret(name)
    ):
        yield value


def _is_plain(value: str) -> bool:
    return value.lower() in _PLAIN_WORDS or _NUMBER.fullmatch(value) is not None


def _secrets_written(variables: Mapping[str, Written], rules: NameRules) -> Iterator[str]:
    """Yield the values that a case gives to variables with secret names."""
    named = [one.value for name, one in variables.items() if rules.is_secret(name)]
    return (text for text in _texts_in(named) if "$" not in text)


def _secrets_extracted(step: Step, rules: NameRules) -> Iterator[str]:
    """Yield the variables that take a secret from a response, whatever their names are."""
    if isinstance(step, RequestStep | WebSocketStep):
        for name, search in step.extract.items():
            if rules.is_secret(str(search.value)) and not rules.is_shown(name):
                yield name


def _texts_in(values: Sequence[Any]) -> Iterator[str]:
    """Yield the texts and numbers within secrets; what is too large is no secret but a document."""
    waiting = list(values)
    for _ in range(_MOST_LEAVES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
        elif SHORT <= len(text := _text_of(value)) <= _LONGEST_SECRET:
            yield text


def _text_of(value: Any) -> str:
    if value.__class__ is int and abs(value) < _LARGEST:
        return str(value)
    return str(value) if isinstance(value, str) else ""


def mask_command(command: Sequence[str]) -> list[str]:
    """Mask the values of `-e` and the userinfo of URLs in a command line."""
    masked: list[str] = []
    for word in command:
        if masked and _ENV_FLAG.fullmatch(masked[-1]):
            word = _ENV_PAIR.sub(rf"\g<name>{MASK}", word)
        word = _ENV_WORD.sub(rf"\g<name>{MASK}", word)
        masked.append(_USERINFO.sub(f"{MASK}@", word))
    return masked
