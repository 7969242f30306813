"""This module makes requests from prepared parts, where that can be proven right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from ..errors import StepFailed
from ..http.cookies import Pairs
from ..http.options import HttpOptions
from ..http.request import Request
from ..request.body import JSON_TYPE, encode_body, pairs_of
from ..request.headers import complete_headers
from ..request.location import Place, known_place, plain_place, with_query
from ..request.own_cookies import given_cookies
from ..request.pattern import PatternRequest, RequestPattern
from ..values.builtins import Form
from ..values.expressions import Scope, Template
from ..values.text import to_text

# The value of such a header decides more than its own line.
_DECIDING = frozenset({"accept-encoding", "connection", "content-type"})


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """The fast way to the requests of a template: what is constant is prepared.

    The parts are rendered in the order of the general way, so that the same one fails first; a
    request with a part that is not plain is given up. `headers` are those that vary; the one at
    `cookie_place` is a Cookie header. `patterns` are by the content type that the body sets, and
    `constant_body` is a body with the type that it sets.
    """

    patterns: Mapping[str | None, RequestPattern]
    headers: tuple[Template, ...]
    cookie_place: int | None
    cookies: Mapping[str, Template]
    body_kind: str
    body: Template | None
    constant_body: tuple[bytes, str | None] | None
    content_type: str
    base_url: str | None
    url: Template
    params: Mapping[str, Template]
    verify: bool

    def build(self, scope: Scope) -> Request | None:
        """Make the request; None if the general way is needed. Raises StepFailed."""
        texts = [
            text if (text := template.render(scope)).__class__ is str else to_text(text)
            for template in self.headers
        ]
        cookies: Pairs | None = ()
        if self.cookies or self.cookie_place is not None:
            cookies = self._cookies(scope, texts)
        encoded = self.constant_body or self._encode(scope)
        if cookies is None or encoded is None:
            return None
        place = self._place(scope)
        # This excludes line breaks, NUL and lone surrogates.
        if place is None or not "".join(texts).isprintable():
            return None
        body, content_type = encoded
        return PatternRequest(self.patterns[content_type], place, tuple(texts), body, cookies)

    def _cookies(self, scope: Scope, texts: list[str]) -> Pairs | None:
        """Return the step's cookies, those of a Cookie header included; None if it is odd."""
        line = None if self.cookie_place is None else texts.pop(self.cookie_place)
        return given_cookies(_rendered(self.cookies, scope), line)

    def _encode(self, scope: Scope) -> tuple[bytes, str | None] | None:
        assert self.body is not None
        content = self.body.render(scope)
        if isinstance(content, Form):
            return None
        return encode_body(self.body_kind, content, self.content_type)

    def _place(self, scope: Scope) -> Place | None:
        base = self.base_url
        if base is None:
            base = scope.get("base_url") or ""
            base = base if base.__class__ is str else to_text(base)
        url = self.url.render(scope)
        find = known_place if self.url.constant else plain_place
        place = find(base, url if url.__class__ is str else to_text(url), self.verify)
        if not self.params:
            return place
        params = _rendered(self.params, scope)
        return None if place is None else with_query(place, pairs_of(params))


def compile_plan(
    *,
    method: Template,
    headers: Mapping[str, Template],
    cookies: Mapping[str, Template],
    body_kind: str,
    body: Template | None,
    url: Template,
    params: Mapping[str, Template],
    http: HttpOptions,
    base_url: str | None,
    timeout: float | None,
    follow: bool,
    verify: bool,
) -> RequestPlan | None:
    """Prepare the constant parts; None if the general way is needed for every request."""
    varying = [name for name, one in headers.items() if not one.constant or _is_cookie(name)]
    lowered = {name.lower() for name in varying}
    is_double = len({name.lower() for name in headers}) < len(headers)
    if not method.constant or http.proxy or is_double or lowered & _DECIDING:
        return None
    try:
        constants = CIMultiDict(
            (name, "" if name in varying else to_text(one.value))
            for name, one in headers.items()
            if not _is_cookie(name)
        )
        content_type = constants.get("Content-Type", "")
        patterns = {
            sets: RequestPattern.compile(
                to_text(method.value).upper(),
                _all_headers(constants, sets, http),
                lowered,
                timeout,
                follow,
            )
            for sets in (None, JSON_TYPE)
        }
        constant_body = None
        if body is None or body.constant:
            value = None if body is None else body.value
            constant_body = encode_body(body_kind, value, content_type)
    except (StepFailed, ValueError):
        return None
    place = next((place for place, name in enumerate(varying) if _is_cookie(name)), None)
    return RequestPlan(
        patterns=patterns,
        headers=tuple([headers[name] for name in varying]),
        cookie_place=place,
        cookies=cookies,
        body_kind=body_kind,
        body=body,
        constant_body=constant_body,
        content_type=content_type,
        base_url=base_url,
        url=url,
        params=params,
        verify=verify,
    )


def _all_headers(
    constants: CIMultiDict[str], content_type: str | None, http: HttpOptions
) -> CIMultiDict[str]:
    headers = constants.copy()
    if content_type is not None:
        headers["Content-Type"] = content_type
    complete_headers(headers, http)
    return headers


def _is_cookie(name: str) -> bool:
    return name.lower() == "cookie"


def _rendered(group: Mapping[str, Template], scope: Scope) -> dict[str, object]:
    return {name: template.render(scope) for name, template in group.items()}
