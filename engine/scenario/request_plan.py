"""This module makes requests from prepared parts, where that can be proven right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct
from multidict import CIMultiDict

from ..errors import StepFailed
from ..http.cookies import Pairs
from ..http.options import HttpOptions
from ..http.request import Http2, Request
from ..request.body import JSON_TYPE, encode_body, pairs_of
from ..request.headers import complete_headers
from ..request.location import Place, known_place, plain_place, with_query
from ..request.own_cookies import given_cookies
from ..request.pattern import PatternRequest, RequestPattern
from ..settings import RunSettings
from ..values.builtins import Form
from ..values.expressions import Scope, Template
from ..values.text import to_text

# The value of such a header decides more than its own line.
_DECIDING = frozenset({"accept-encoding", "connection", "content-type"})


class RequestPlan(Struct, frozen=True):
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
    http2: Http2

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
        place = find(base, url if url.__class__ is str else to_text(url), self.verify, self.http2)
        if not self.params:
            return place
        params = _rendered(self.params, scope)
        return None if place is None else with_query(place, pairs_of(params))


def compile_plan(
    method: Template,
    headers: Mapping[str, Template],
    settings: RunSettings,
    timeout: float | None,
    follow: bool,
    *,
    body_kind: str,
    body: Template | None,
    **others: Any,
) -> RequestPlan | None:
    """Prepare the constant parts; None if the general way is needed for every request.

    `others` are the fields of the plan that need no preparation.
    """
    varying = [name for name, one in headers.items() if not one.constant or _is_cookie(name)]
    lowered = [name.lower() for name in varying]
    is_double = len({name.lower() for name in headers}) < len(headers)
    if not method.constant or settings.http.proxy or is_double or not _DECIDING.isdisjoint(lowered):
        return None
    try:
        constants = _constants(headers, varying)
        sent = constants.get("Content-Type", "")

        def pattern(sets: str | None) -> RequestPattern:
            every = _all_headers(constants, sets, settings.http)
            name = to_text(method.value).upper()
            return RequestPattern.compile(name, every, lowered, timeout, follow)

        return RequestPlan(
            patterns={sets: pattern(sets) for sets in (None, JSON_TYPE)},
            headers=tuple([headers[name] for name in varying]),
            cookie_place=lowered.index("cookie") if "cookie" in lowered else None,
            body_kind=body_kind,
            body=body,
            constant_body=_constant_body(body_kind, body, sent),
            content_type=sent,
            base_url=settings.base_url,
            **others,
        )
    except (StepFailed, ValueError):
        return None


def _constants(headers: Mapping[str, Template], varying: Collection[str]) -> CIMultiDict[str]:
    """Return the author's headers without cookies, with empty texts for those that vary."""
    return CIMultiDict(
        (name, "" if name in varying else to_text(one.value))
        for name, one in headers.items()
        if not _is_cookie(name)
    )


def _constant_body(
    kind: str, body: Template | None, content_type: str
) -> tuple[bytes, str | None] | None:
    if body is None:
        return b"", None
    return encode_body(kind, body.value, content_type) if body.constant else None


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
