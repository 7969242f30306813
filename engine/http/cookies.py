"""The cookies that one user holds, as browsers keep and send them (RFC 6265, 5)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from ipaddress import ip_address

from yarl import URL

_MOST = 300
_LONGEST = 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class _Cookie:
    """One cookie. `expires_at` is seconds since 1970, None at the end of the session."""

    value: str
    secure: bool
    expires_at: float | None


class Cookies:
    """Takes what responses set, and tells what goes with a request.

    Values go back as they came, quotes included. No list of public suffixes is consulted: a
    target may set a cookie for all of `com`, which then goes only to the targets of the case.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        # By domain (".x.org": with its subdomains, "x.org": that host only), path and name.
        self._kept: dict[tuple[str, str, str], _Cookie] = {}

    def keep(self, lines: Iterable[str], url: URL) -> None:
        """Take the Set-Cookie lines of a response; what is not well-formed is ignored."""
        for line in lines:
            if len(line) <= _LONGEST and not _CONTROL.search(line):
                self._keep(line, url)

    def for_url(self, url: URL) -> dict[str, str]:
        """Return the cookies for a request; of two with one name the longer path wins."""
        host, path = url.raw_host or "", url.raw_path
        found = [
            (len(scope), name, cookie)
            for (domain, scope, name), cookie in self._kept.items()
            if _covers_host(domain, host) and _covers_path(scope, path)
        ]
        if len(found) > 1:
            found.sort(key=lambda entry: -entry[0])
        values: dict[str, str] = {}
        for _, name, cookie in found:
            if (url.scheme == "https" or not cookie.secure) and not _is_over(cookie):
                values.setdefault(name, cookie.value)
        return values

    def _keep(self, line: str, url: URL) -> None:
        pair, *parts = line.split(";")
        name, mark, value = pair.partition("=")
        if not mark or not (name := name.strip()):
            return
        given = {key.strip().lower(): text.strip() for key, _, text in map(_split, parts)}
        domain = _domain(given.get("domain", ""), url.raw_host or "")
        if domain is None:
            return
        path = given.get("path", "")
        if not path.startswith("/"):
            path = url.raw_path.rpartition("/")[0] or "/"
        cookie = _Cookie(value.strip(), "secure" in given, _expiry(given))
        key = (domain, path, name)
        if _is_over(cookie):
            self._kept.pop(key, None)
        elif key in self._kept or len(self._kept) < _MOST:
            self._kept[key] = cookie


def _split(part: str) -> tuple[str, str, str]:
    return part.partition("=")


def _domain(written: str, host: str) -> str | None:
    """Return the domain to keep a cookie under; None if this host may not set it."""
    domain = written.removeprefix(".").lower()
    if not domain or (domain == host and _is_address(host)):
        return host
    if _is_address(host) or not _covers_host(f".{domain}", host):
        return None
    return f".{domain}"


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


def _expiry(given: dict[str, str]) -> float | None:
    """Return when a cookie ends; Max-Age beats Expires, what cannot be read does not count."""
    try:
        return time.time() + int(given["max-age"])
    except (KeyError, ValueError):
        pass
    if (date := parsedate_tz(given.get("expires", ""))) is None:
        return None
    try:
        return float(mktime_tz(date))
    except (ValueError, OverflowError):
        return None


def _is_over(cookie: _Cookie) -> bool:
    return cookie.expires_at is not None and cookie.expires_at <= time.time()
