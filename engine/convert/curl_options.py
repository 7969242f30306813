"""Read the options of a curl command, in their order and by their long names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from ..case.nodes import SourceError
from .curl_config import config_words
from .curl_inputs import Inputs
from .curl_names import FLAGS, SHORT, SILENT, VALUED

BODY = ("data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json")
FORM = ("form", "form-string")
# Other ways to authenticate than Basic, which answer a challenge of the server.
CHALLENGED = ("digest", "ntlm", "ntlm-wb", "negotiate", "anyauth", "aws-sigv4")
_CONVERTED = {*BODY, *FORM, "request", "header", "cookie", "user", "user-agent", "referer"}
_CONVERTED |= {"range", "continue-at", "max-time", "url", "url-query", "upload-file"}
_CONVERTED |= {"oauth2-bearer", "insecure", "get", "head", "location", "location-trusted"}
_CONVERTED |= {"globoff"}
# Options that a case cannot express -> what to do instead.
_HINTS = {
    "proxy": "give the command --proxy",
    "proxy-user": "give the command --proxy",
    "cacert": "give the command --cacert",
    "cert": "give the command --cert",
    "key": "give the command --key",
    "unix-socket": "give the command --unix-socket",
    "resolve": "write the address into the URL and the name into a Host header",
    "connect-to": "write the address into the URL and the name into a Host header",
    "connect-timeout": "the timeout of a request covers connecting; see --timeout",
    "retry": "a failed step is never sent again",
    "netrc": "write the user and password with --user",
    "netrc-file": "write the user and password with --user",
    "http2": "give the command --http2",
    "no-keepalive": "give the command --no-keepalive",
    **dict.fromkeys(CHALLENGED, "no Authorization is sent: write the header into the case"),
}
_Pair = tuple[str, str]


class Options(Struct, frozen=True):
    """The options of one part of a command: `--next` begins another one.

    `told` are options that a case cannot express, with a hint.
    """

    given: Sequence[_Pair]
    told: Sequence[_Pair] = field(default=())

    def all(self, *names: str) -> list[_Pair]:
        return [(name, value) for name, value in self.given if name in names]

    def last(self, name: str) -> str | None:
        return next((value for one, value in reversed(self.given) if one == name), None)

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.given)


def read_options(words: Sequence[str], inputs: Inputs) -> Iterator[Options]:
    """Read the words after `curl`; raises SourceError for an option that is written wrongly."""
    part: list[_Pair] = []
    for name, value in _pairs(words, inputs):
        if name == "next":
            yield _options(part)
            part = []
        else:
            part.append((name, value))
    yield _options(part)


def _options(pairs: Sequence[_Pair]) -> Options:
    given: list[_Pair] = []
    told: list[_Pair] = []
    for name, value in pairs:
        base = name.removeprefix("no-")
        if name in _CONVERTED:
            given.append((name, value))
        elif name != base and base in _CONVERTED:
            given = [pair for pair in given if pair[0] != base]
        elif name not in SILENT and base not in SILENT:
            told.append((f"--{name}", _HINTS.get(name, "")))
        if name in CHALLENGED:
            given.append((name, value))
    return Options(given, told)


def _pairs(words: Sequence[str], inputs: Inputs) -> Iterator[_Pair]:
    for name, value in _named(iter(words)):
        if name == "config":
            yield from _pairs(config_words(inputs.text(value, "--config")), inputs)
        else:
            yield name, value


def _named(words: Iterator[str]) -> Iterator[_Pair]:
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name, value = _long(word[2:])
            is_complete = value is not None or not _takes_value(name)
            yield name, (value or "") if is_complete else _value(name, "", words)
        elif word.startswith("-") and len(word) > 1:
            yield from _cluster(word[1:], words)
        elif word != "--":
            yield "url", word


def _long(word: str) -> tuple[str, str | None]:
    """Return the name and, for `--name=value`, the value; a unique beginning is a name, too."""
    known = VALUED | FLAGS
    name, mark, value = word.partition("=")
    if mark and name in VALUED:
        return name, value
    if word in known or word.startswith("no-"):
        return word, None
    whole = sorted(one for one in known if one.startswith(word))
    if len(whole) > 1:
        raise SourceError(0, f"--{word} may be --{' or --'.join(whole[:3])}")
    return (whole[0] if whole else word), None


def _cluster(letters: str, words: Iterator[str]) -> Iterator[_Pair]:
    """Read combined options such as `-sSXPOST`: the first one with a value takes the rest."""
    for at, letter in enumerate(letters, 1):
        name = SHORT.get(letter, letter)
        if _takes_value(name):
            yield name, _value(name, letters[at:], words)
            return
        yield name, ""


def _takes_value(name: str) -> bool:
    return name in VALUED or (name.startswith("expand-") and name[7:] in VALUED)


def _value(name: str, rest: str, words: Iterator[str]) -> str:
    value = rest or next(words, None)
    if value is None:
        raise SourceError(0, f"--{name} needs a value")
    return value
