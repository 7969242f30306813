"""This module follows redirects as curl, browsers and Go's client do (RFC 9110, 15.4)."""

from __future__ import annotations

import re
from urllib.parse import quote

from yarl import URL

from ..errors import StepFailed
from .address import basic_of, check_authority, check_url, without_user
from .cookies import Pairs
from .request import NEEDS_TLS, Request
from .response import Response

_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization", "host"})
_OF_THE_BODY = frozenset({"content-type", "content-encoding", "content-language"})
# curl and browsers forgive a wrong number of slashes behind a scheme.
_ORIGIN = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):/{1,3}|//)([^/?#]*)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PATH = re.compile(r"([^?#]*)(?:\?([^#]*))?")
_UNFIT = re.compile(r"[^!-~]+")

Headers = tuple[tuple[str, str], ...]


def follow(request: Request, response: Response) -> Request | None:
    """Return the request of the next hop, or None when the response is the final one.

    301, 302 and 303 turn into GET (a HEAD stays), 307 and 308 repeat method and body. Another
    host gets neither Authorization nor the step's own cookies; a cookie that the response sets
    replaces the step's own. Raises StepFailed (redirect) for a target that is not HTTP.
    """
    if not response.head.redirects or not (location := response.headers.get("Location")):
        return None
    url = _target(request, location)
    headers = request.headers
    method, body, form = request.method, request.body, request.form
    if response.status < 307 and method not in ("GET", "HEAD"):
        method, body, form = "GET", b"", None
    if not body and form is None:
        headers = _without(headers, _OF_THE_BODY)
    cookies = _still_own(request.cookies, response)
    if url.origin() != request.url.origin():
        headers, cookies = _without(headers, _PRIVATE), ()
    headers, has_url_user = _authorized(headers, url, request.has_url_user)
    return request.changed(
        method=method,
        url=url.with_user(None),
        headers=headers,
        body=body,
        cookies=cookies,
        form=form,
        has_url_user=has_url_user,
    )


def _target(request: Request, location: str) -> URL:
    try:
        url = _joined(request.url, location)
        check_url(url)
        if url.scheme not in ("http", "https"):
            raise ValueError("not HTTP")
        if request.origin.http2 == "demanded" and url.scheme == "http":
            raise ValueError(NEEDS_TLS)
    except ValueError as error:
        told = f"redirected to {without_user(location)!r}: {error}"
        raise StepFailed("redirect", told, "bad") from error
    return url


def _joined(base: URL, location: str) -> URL:
    """Return the URL that a Location names; raises ValueError if it names none.

    Blanks, control characters and bytes beyond ASCII are escaped. Everything else is sent as it
    is, percent signs too, as curl does.
    """
    if (origin := _ORIGIN.match(location)) is not None:
        check_authority(origin[2])
        base = URL(f"{origin[1] or base.scheme}://{origin[2]}")
        location = location[origin.end() :]
    elif _SCHEME.match(location):
        raise ValueError("not HTTP")
    found = _PATH.match(location)
    assert found is not None
    path, query = (_UNFIT.sub(_escaped, part) for part in found.groups(""))
    if found[2] is not None:  # `?` alone is a query, too: an empty one
        base = base.with_query(None)
    return base.join(URL.build(path=path, query_string=query, encoded=True))


def _escaped(unfit: re.Match[str]) -> str:
    return quote(unfit[0].encode("utf-8", "surrogateescape"))


def _without(headers: Headers, names: frozenset[str]) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() not in names)


def _still_own(cookies: Pairs, response: Response) -> Pairs:
    """Return the step's cookies without those that the response sets or deletes (Go does so)."""
    if not cookies or not response.head.sets_cookies:
        return cookies
    return tuple(pair for pair in cookies if pair[0] not in response.cookies)


def _authorized(headers: Headers, url: URL, has_url_user: bool) -> tuple[Headers, bool]:
    """Add the Authorization of the URL's user; return also whether the headers hold such a one.

    The step's own Authorization wins; that of an earlier URL is replaced.
    """
    is_own = not has_url_user and any(name.lower() == "authorization" for name, _ in headers)
    if is_own or (basic := basic_of(url)) is None:
        return headers, has_url_user
    return (*_without(headers, frozenset({"authorization"})), ("Authorization", basic)), True
