"""Find the URLs that a curl command requests: with its patterns, its query, and its user."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, product
from urllib.parse import quote, unquote

from ..case.nodes import SourceError
from ..request.url import as_written
from .shell_words import MARKED, marked

_SCHEME = re.compile(r"([A-Za-z][\w+.-]*):/{1,3}(?=[^/])")
_AUTHORITY = re.compile(r"\A([^/?#]*://)([^/?#]*)")
_BASE_VARIABLE = re.compile(rf"{MARKED.pattern}(?=[/?]|\Z)")
_BLANK = re.compile(r"[\x00-\x20\x7f]")
MOST_URLS = 100
# A set `{a,b}`, a range `[1-9:2]` or `[a-z]`, or an address of IPv6, which is none (curl(1), URL).
_PATTERN = re.compile(
    r"\{([^{}]*)\}|\[(\d+)-(\d+)(?::(\d+))?\]|\[([a-z])-([a-z])(?::(\d+))?\]|\[([^\]]*)\]"
    r"|([\[\]{}])",
    re.IGNORECASE,
)


def urls_of(pattern: str) -> list[str]:
    """Return the URLs that a pattern stands for, at most one more than MOST_URLS.

    Raises SourceError for a wrong pattern.
    """
    pieces: list[Sequence[str]] = []
    at = 0
    for match in _PATTERN.finditer(pattern):
        pieces += [[pattern[at : match.start()]], _choices(match)]
        at = match.end()
    pieces.append([pattern[at:]])
    return ["".join(chosen) for chosen in islice(product(*pieces), MOST_URLS + 1)]


def _choices(match: re.Match[str]) -> Sequence[str]:
    if match[1]:
        return match[1].split(",")
    if match[2]:
        numbers = range(int(match[2]), int(match[3]) + 1, int(match[4] or 1) or 1)
        return [str(number).zfill(len(match[2])) for number in numbers[: MOST_URLS + 1]]
    if match[5]:
        letters = range(ord(match[5]), ord(match[6]) + 1, int(match[7] or 1) or 1)
        return [chr(letter) for letter in letters]
    if match[8] is not None and (not match[8] or match[8].count(":") > 1):
        return [match[0]]
    raise SourceError(0, f"curl does not read {match[0]} in a URL", "see its option --globoff")


def complete(url: str) -> str:
    """Return the URL with a scheme and a possible host; raises SourceError if it has none.

    A host that cannot be one, such as `<host>`, becomes a variable.
    """
    url = _BLANK.sub(lambda blank: quote(blank[0]), url.strip())
    if (scheme := _SCHEME.match(url)) is not None:
        if scheme[1].lower() not in ("http", "https"):
            raise SourceError(0, f"{scheme[1].lower()} is not converted", "only HTTP is")
        url = f"{scheme[1]}://{url[scheme.end() :]}"
    elif url.rstrip(":/").lower() in ("", "http", "https") and ":" in url:
        raise SourceError(0, f"not a URL: {url!r}")
    elif not _BASE_VARIABLE.match(url):
        url = f"http://{url}"
    return url if _is_possible(url) else _with_variable_host(url)


def _is_possible(url: str) -> bool:
    if _BASE_VARIABLE.match(url):
        return True
    try:
        as_written(MARKED.sub("1", url))
    except ValueError:
        return False
    return True


def _with_variable_host(url: str) -> str:
    match = _AUTHORITY.match(url)
    if match is not None:
        name = re.sub(r"[\W_]+", "_", MARKED.sub(r"\1", match[2]), flags=re.ASCII).strip("_")
        name = name if re.match("[A-Za-z_]", name) else f"HOST_{name}".rstrip("_")
        changed = f"{match[1]}{marked(name)}{url[match.end() :]}"
        if _is_possible(changed):
            return changed
    raise SourceError(0, f"not a URL: {url!r}")


def with_query(url: str, query: str) -> str:
    """Return the URL with more query, before its fragment."""
    if not query:
        return url
    front, mark, fragment = url.partition("#")
    joint = "" if front[-1:] in "?&" else "&" if "?" in front else "?"
    return f"{front}{joint}{query}{mark}{fragment}"


def without_user(url: str) -> tuple[str, str | None]:
    """Return the URL without `user:password@`, and these with their escapes undone, or None."""
    match = _AUTHORITY.match(url)
    if match is None or "@" not in match[2]:
        return url, None
    user, _, host = match[2].rpartition("@")
    name, _, password = user.partition(":")
    return f"{match[1]}{host}{url[match.end() :]}", f"{unquote(name)}:{unquote(password)}"
