"""Read the options of a curl command, in their order and by their long names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..case.nodes import SourceError

_SHORT = {
    "X": "request", "d": "data", "F": "form", "H": "header", "b": "cookie", "u": "user",
    "A": "user-agent", "e": "referer", "r": "range", "m": "max-time", "x": "proxy",
    "T": "upload-file", "E": "cert", "o": "output", "w": "write-out", "c": "cookie-jar",
    "D": "dump-header", "K": "config", "U": "proxy-user", "Y": "speed-limit", "y": "speed-time",
    "k": "insecure", "G": "get", "I": "head", "L": "location", "s": "silent", "S": "show-error",
    "v": "verbose", "i": "include", "f": "fail", "g": "globoff", "N": "no-buffer",
    "O": "remote-name", "#": "progress-bar", "j": "junk-session-cookies", "4": "ipv4", "6": "ipv6",
}  # fmt: skip
BODY = ("data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json")
FORM = ("form", "form-string")
# Options that change the request, and are converted.
_VALUED = {*BODY, *FORM, "request", "header", "cookie", "user", "user-agent", "referer", "range"}
_VALUED |= {"max-time", "url", "oauth2-bearer"}
_SWITCHES = {"insecure", "get", "head", "location", "location-trusted"}
# Options that a case cannot express -> what to do instead.
_TOLD = {
    "proxy": "give the command --proxy",
    "cacert": "give the command --cacert",
    "cert": "give the command --cert",
    "key": "give the command --key",
    "unix-socket": "give the command --unix-socket",
    "resolve": "write the address into the URL and the name into a Host header",
    "retry": "a failed step is never sent again",
    "upload-file": "send the content as data, with method PUT",
    "config": "write its options into the command itself",
    "proxy-user": "give the command --proxy",
}
_UNUSED = {"output", "write-out", "connect-timeout", "limit-rate", "cookie-jar", "dump-header"}
_UNUSED |= {"speed-limit", "speed-time", "stderr", "trace", "trace-ascii", "max-redirs"}
_SILENT = {*_SHORT.values()} - _VALUED - _SWITCHES - _UNUSED - {*_TOLD}
_SILENT |= {"compressed", "fail-with-body", "http1.1", "no-progress-meter", "tcp-nodelay"}
_SILENT |= {"path-as-is", "no-keepalive"}


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a command; `told` are those that a case cannot express, with a hint."""

    given: Sequence[tuple[str, str]]
    told: Sequence[tuple[str, str]]

    def all(self, *names: str) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.given if name in names]

    def last(self, name: str) -> str | None:
        return next((value for one, value in reversed(self.given) if one == name), None)

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.given)


def read_options(words: Sequence[str]) -> Options:
    """Read the words after `curl`; raises SourceError if an option lacks its value."""
    pairs = list(_pairs(iter(words)))
    known = _VALUED | _SWITCHES
    told = [
        (f"--{name}", _TOLD.get(name, ""))
        for name, _ in pairs
        if name not in known | _UNUSED | _SILENT
    ]
    return Options([pair for pair in pairs if pair[0] in known], told)


def _pairs(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name = word[2:]
            yield name, _value(name, "", words) if _takes_value(name) else ""
        elif word.startswith("-") and len(word) > 1:
            yield from _cluster(word[1:], words)
        else:
            yield "url", word


def _cluster(letters: str, words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Read combined options such as `-sSXPOST`: the first one with a value takes the rest."""
    for at, letter in enumerate(letters, 1):
        name = _SHORT.get(letter, letter)
        if _takes_value(name):
            yield name, _value(name, letters[at:], words)
            return
        yield name, ""


def _takes_value(name: str) -> bool:
    return name in _VALUED or name in _UNUSED or name in _TOLD


def _value(name: str, rest: str, words: Iterator[str]) -> str:
    value = rest or next(words, None)
    if value is None:
        raise SourceError(0, f"--{name} needs a value")
    return value
