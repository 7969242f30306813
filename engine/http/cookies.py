"""This module keeps the cookies of one user, and sends them, as browsers do (RFC 6265, 5)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from math import inf

from msgspec import Struct
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


class _Cookie:
    """One cookie. `expires_at` is seconds since 1970, infinite at the end of the session."""

    __slots__ = ("expires_at", "pair", "secure")

    def __init__(self, pair: tuple[str, str], secure: bool, expires_at: float) -> None:
        self.pair = pair
        self.secure = secure
        self.expires_at = expires_at


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

    def copy(self) -> Cookies:
        """Return a jar with the same cookies; what is kept in one changes nothing in the other."""
        copied = Cookies()
        copied._kept = self._kept.copy()
        return copied

    def keep(self, lines: Iterable[str], host: str, path: str) -> None:
        """Keep the Set-Cookie lines of a response from here; malformed ones are ignored."""
        for line in lines:
            if not line.isprintable():
                line = _END.split(line, 1)[0]
                if _CONTROL.search(line):
                    continue
            self._keep(line, host, path)

    def for_url(self, url: URL) -> Pairs:
        """Return the cookies for a request to a URL."""
        return self.for_place(_host(url), url.raw_path, url.scheme in _SECURE)

    def for_place(self, host: str, path: str, is_secure: bool) -> Pairs:
        """Return the cookies for a request, those of the longest path first (RFC 6265, 5.4)."""
        found = [
            (-len(scope), cookie.pair)
            for (domain, scope, _), cookie in self._kept.items()
            if (domain == host or _covers_host(domain, host))
            and (scope == "/" or _covers_path(scope, path))
            and (is_secure or not cookie.secure)
            and (cookie.expires_at == inf or not _is_over(cookie))
        ]
        if len(found) > 1:
            found.sort(key=_length_of_path)
        return tuple([pair for _, pair in found])

    def _keep(self, line: str, host: str, path: str) -> None:
        pair, _, rest = line.partition(";")
        name, mark, value = pair.partition("=")
        name, value = name.strip(_BLANKS), value.strip(_BLANKS)
        # Attributes do not count (RFC 6265bis, 5.6).
        if not mark or not name or _length(name) + _length(value) > _LONGEST:
            return
        given = _attributes(rest)
        domain = _domain(given.domain, host) if given.domain else host
        if domain is None:
            return
        scope = given.path or path.rpartition("/")[0] or "/"
        cookie = _Cookie((name, value), given.secure, given.expiry())
        key = (domain, scope, name)
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


class _Attributes(Struct, frozen=True):
    """What stands behind a cookie; a path and a domain are empty if there is none that counts."""

    domain: str
    path: str
    secure: bool
    age: str | None
    date: float | None

    def expiry(self) -> float:
        """Return when a cookie ends; Max-Age beats Expires."""
        if (age := self.age) is not None:
            if age.startswith("-"):
                return 0.0
            # A server may write any number of digits.
            return time.time() + min(float(age), _FOR_EVER) if age.strip("0") else 0.0
        return inf if self.date is None else self.date


# A server writes the same attributes again and again, unless they hold a date.
@lru_cache(maxsize=256)
def _attributes(text: str) -> _Attributes:
    """Read the attributes of a cookie: the last fit value of each, by its name in any case."""
    given: dict[str, str] = {}
    for part in text.split(";"):
        key, _, value = part.partition("=")
        name, value = key.strip(_BLANKS).lower(), value.strip(_BLANKS)
        if len(value) <= _LONGEST_ATTRIBUTE and _is_fit(name, value):
            given[name] = value
    path = given.get("path", "")
    return _Attributes(
        domain=given.get("domain", ""),
        path=path if path.startswith("/") else "",
        secure="secure" in given,
        age=given.get("max-age"),
        date=seconds_of(given.get("expires", "")),
    )


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


def _length_of_path(found: tuple[int, tuple[str, str]]) -> int:
    return found[0]


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


def _is_over(cookie: _Cookie) -> bool:
    return cookie.expires_at != inf and cookie.expires_at <= time.time()
