"""Where a redirect leads, as browsers and Go's client do it (RFC 9110, 15.4)."""

from __future__ import annotations

from yarl import URL

from ..errors import StepFailed
from .request import Request
from .response import Response

_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization"})
_OF_THE_BODY = frozenset({"content-type", "content-encoding", "content-language"})
_CODES = frozenset({301, 302, 303, 307, 308})


def follow(request: Request, response: Response) -> Request | None:
    """Return the request of the next hop, or None when the response is the final one.

    301, 302 and 303 turn into GET (a HEAD stays), 307 and 308 repeat method and body. Another
    host gets neither Authorization nor the step's own cookies. Raises StepFailed (redirect) for
    a target that is no HTTP URL.
    """
    if response.status not in _CODES or not (location := response.headers.get("Location")):
        return None
    url = _target(request.url, location)
    headers = request.headers
    method, body, form = request.method, request.body, request.form
    if response.status < 307 and method not in ("GET", "HEAD"):
        method, body, form = "GET", b"", None
    if not body and form is None:
        headers = tuple(pair for pair in headers if pair[0].lower() not in _OF_THE_BODY)
    cookies = request.cookies
    if url.origin() != request.url.origin():
        headers = tuple(pair for pair in headers if pair[0].lower() not in _PRIVATE | {"host"})
        cookies = {}
    return request.changed(
        method=method, url=url, headers=headers, body=body, cookies=cookies, form=form
    )


def _target(base: URL, location: str) -> URL:
    try:
        url = base.join(URL(location, encoded="%" in location)).with_fragment(None)
    except ValueError as error:
        raise StepFailed("redirect", f"redirected to {location!r}: {error}", "bad") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise StepFailed("redirect", f"redirected to {location!r}, which is not HTTP", "bad")
    return url
