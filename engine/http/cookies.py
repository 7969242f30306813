"""This module keeps the cookies of one user, and sends them, as browsers do (RFC 6265, 5)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from math import inf

from yarl import URL

from .cookie_date import seconds_of

# Names and values in the order of the header; a name may come several times.
Pairs = tuple[tuple[str, str], ...]

_MOST = 300
_LONGEST = 4096
_LONGEST_ATTRIBUTE = 1024
_END = re.compile(r"[\0\r\n]")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")  # not a TAB (RFC 6265bis, 5.6)
_BLANKS = " \t"
_SECONDS = re.compile(r"-?[0-9]+", re.ASCII)
_FOR_EVER = 1e15
_SECURE = frozenset({"https", "wss"})


@dataclass(frozen=True, slots=True)
class _Cookie:
    """One cookie. `expires_at` is seconds since 1970, infinite at the end of the session."""

    value: str
    secure: bool
    expires_at: float


class Cookies:
    """Keeps the cookies that responses set, and returns those that go with a request.

    Values go back as they came, quotes included. No list of public suffixes is consulted: a
    target may set a cookie for all of `co.uk`, which then goes only to the targets of the case.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        # By domain (".x.org": with its subdomains, "x.org": that host only), path and name; the
        # oldest first.
        self._kept: dict[tuple[str, str, str], _Cookie] = {}

    def keep(self, lines: Iterable[str], url: URL) -> None:
        """Keep the Set-Cookie lines of a response; malformed ones are ignored."""
        for line in lines:
            line = _END.split(line, 1)[0]
            if not _CONTROL.search(line):
                self._keep(line, url)

    def for_url(self, url: URL) -> Pairs:
        """Return the cookies for a request, those of the longest path first (RFC 6265, 5.4)."""
        host, path = _host(url), url.raw_path
        found = [
            (len(scope), name, cookie)
            for (domain, scope, name), cookie in self._kept.items()
            if _covers_host(domain, host) and _covers_path(scope, path)
        ]
        if len(found) > 1:
            found.sort(key=lambda entry: -entry[0])
        return tuple(
            (name, cookie.value)
            for _, name, cookie in found
            if (url.scheme in _SECURE or not cookie.secure) and not _is_over(cookie)
        )

    def _keep(self, line: str, url: URL) -> None:
        pair, *parts = line.split(";")
        name, mark, value = pair.partition("=")
        name, value = name.strip(_BLANKS), value.strip(_BLANKS)
        # Attributes do not count (RFC 6265bis, 5.6).
        if not mark or not name or _length(name) + _length(value) > _LONGEST:
            return
        given = _attributes(parts)
        domain = _domain(given.get("domain", ""), _host(url))
        if domain is None:
            return
        path = given.get("path", "")
        if not path.startswith("/"):
            path = url.raw_path.rpartition("/")[0] or "/"
        cookie = _Cookie(value, "secure" in given, _expiry(given))
        key = (domain, path, name)
        if _is_over(cookie):
            self._kept.pop(key, None)
        else:
            self._kept[key] = cookie
            self._make_room()

    def _make_room(self) -> None:
        """If there are too many, drop the expired ones, then the oldest (RFC 6265, 5.3)."""
        kept = self._kept
        if len(kept) > _MOST:
            self._kept = kept = {key: one for key, one in kept.items() if not _is_over(one)}
        while len(kept) > _MOST:
            del kept[next(iter(kept))]


def merged(held: Pairs, own: Pairs) -> Pairs:
    """Return the cookies of the user and those of a request, which win by name."""
    if not own or not held:
        return held or own
    names = {name for name, _ in own}
    return *(pair for pair in held if pair[0] not in names), *own


def cookie_line(cookies: Pairs) -> str:
    """Return the value of a Cookie header."""
    return "; ".join([f"{name}={value}" for name, value in cookies])


def by_name(cookies: Pairs) -> dict[str, str]:
    """Return one value for each name: the first, which is that of the longest path."""
    values: dict[str, str] = {}
    for name, value in cookies:
        values.setdefault(name, value)
    return values


def _attributes(parts: Iterable[str]) -> dict[str, str]:
    """Return the last fit value of each attribute, by its name in small letters."""
    given: dict[str, str] = {}
    for part in parts:
        key, _, text = part.partition("=")
        name, text = key.strip(_BLANKS).lower(), text.strip(_BLANKS)
        if len(text) <= _LONGEST_ATTRIBUTE and _is_fit(name, text):
            given[name] = text
    return given


def _is_fit(name: str, text: str) -> bool:
    """Whether an attribute counts; else an earlier one of its name does (RFC 6265, 5.2)."""
    if name == "max-age":
        return _SECONDS.fullmatch(text) is not None
    if name == "expires":
        return seconds_of(text) is not None
    return bool(text) or name != "domain"


def _domain(written: str, host: str) -> str | None:
    """Return the domain to keep a cookie under; None if this host may not set it."""
    domain = written.removeprefix(".").lower()
    if not domain or (domain == host and _is_address(host)):
        return host
    if _is_address(host) or not _covers_host(f".{domain}", host):
        return None
    # curl refuses a whole top-level domain, too.
    return f".{domain}" if "." in domain or domain == host else None


def _host(url: URL) -> str:
    return (url.raw_host or "").lower()


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _covers_host(domain: str, host: str) -> bool:
    return domain == host or (domain[:1] == "." and f".{host}".endswith(domain))


def _covers_path(scope: str, path: str) -> bool:
    return path.startswith(scope) and (
        len(path) == len(scope) or scope[-1] == "/" or path[len(scope)] == "/"
    )


def _expiry(given: Mapping[str, str]) -> float:
    """Return when a cookie ends; Max-Age beats Expires."""
    if (age := given.get("max-age")) is not None:
        if age.startswith("-"):
            return 0.0
        # A server may write any number of digits.
        return time.time() + min(float(age), _FOR_EVER) if age.strip("0") else 0.0
    date = seconds_of(given.get("expires", ""))
    return inf if date is None else date


def _is_over(cookie: _Cookie) -> bool:
    return cookie.expires_at != inf and cookie.expires_at <= time.time()
