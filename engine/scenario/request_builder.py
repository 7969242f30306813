"""From a request as written to a request as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from multidict import CIMultiDict
from yarl import URL

from ..case.model import Config, RequestStep, Written
from ..http.multipart import Multipart
from ..http.request import Request
from ..values.builtins import Form
from ..values.expressions import Scope, Template
from ..values.text import to_text
from .body import encode_body, pairs_of
from .cookies import own_cookies
from .headers import automatic_headers, basic_authorization, merge_headers
from .plan import Plan
from .static_scope import StaticScope
from .upload import encoded, form_of
from .url import resolve


@dataclass(slots=True)
class _Rendered:
    """The parts of a request as values, before they are made text.

    Not frozen: that would triple the cost of making one, which each request does.
    """

    method: str
    url: str
    params: Mapping[str, Any]
    headers: Mapping[str, Any]
    cookies: Mapping[str, Any]
    upload: Mapping[str, Any]
    names: Mapping[str, Any]
    body: Any


@dataclass(frozen=True)
class RequestTemplate:
    """The compiled parts of a request; `headers` holds the case's defaults under the step's own.

    `names` are those of params and headers that are expressions themselves.
    """

    method: Template
    url: Template
    params: Mapping[str, Template]
    headers: Mapping[str, Template]
    cookies: Mapping[str, Template]
    upload: Mapping[str, Template]
    names: Mapping[str, Template]
    body_kind: str
    body: Template | None
    timeout: float | None
    follow: bool
    verify: bool
    root: Path
    plan: Plan

    @classmethod
    def compile(
        cls, step: RequestStep, config: Config, plan: Plan, scope: StaticScope
    ) -> RequestTemplate | None:
        """Compile every part; None when a part has a problem (the scope holds it)."""
        method, url = scope.template(step.method), scope.url(step.url)
        params, cookies = scope.templates(step.params), scope.templates(step.cookies)
        written_headers = merge_headers(config.headers, step.headers)
        headers = scope.templates(written_headers)
        names = scope.templates(_expressions(step.params) | _expressions(written_headers))
        upload = scope.templates(step.upload or {})
        body = scope.template(step.body) if step.body is not None else None
        if method is None or url is None or (body is None and step.body is not None):
            return None
        verify = step.verify if step.verify is not None else config.verify
        return cls(
            method=method,
            url=url,
            params=params,
            headers=headers,
            cookies=cookies,
            upload=upload,
            names=names,
            body_kind=step.body_kind,
            body=body,
            timeout=step.timeout if step.timeout is not None else config.request_timeout,
            follow=step.allow_redirects,
            verify=verify is not False,
            root=scope.functions.project.root,
            plan=plan,
        )

    @property
    def is_constant(self) -> bool:
        """Whether only the base URL can change what is sent; files can change any time."""
        return not self.upload and all(template.constant for template in self._templates)

    def build(self, scope: Scope) -> Request:
        """Make the request where nothing in it has to be awaited; raises StepFailed."""
        params, headers, cookies, upload, names = [
            _render_all(group, scope) if group else group for group in self._groups
        ]
        parts = _Rendered(
            method=self.method.render(scope),
            url=self.url.render(scope),
            params=params,
            headers=headers,
            cookies=cookies,
            upload=upload,
            names=names,
            body=self.body.render(scope) if self.body is not None else None,
        )
        return self._assemble(parts, scope)

    async def build_async(self, scope: Scope) -> Request:
        """Make the request, calling plugin functions where the author did; raises StepFailed."""
        if not self.awaits:
            return self.build(scope)
        params, headers, cookies, upload, names = [
            await _await_all(group, scope) for group in self._groups
        ]
        parts = _Rendered(
            method=await self.method.render_async(scope),
            url=await self.url.render_async(scope),
            params=params,
            headers=headers,
            cookies=cookies,
            upload=upload,
            names=names,
            body=await self.body.render_async(scope) if self.body is not None else None,
        )
        return self._assemble(parts, scope)

    @cached_property
    def _groups(self) -> tuple[Mapping[str, Template], ...]:
        return self.params, self.headers, self.cookies, self.upload, self.names

    @cached_property
    def _templates(self) -> tuple[Template, ...]:
        grouped = (template for group in self._groups for template in group.values())
        return (self.method, self.url, *grouped, *([self.body] if self.body is not None else []))

    @cached_property
    def awaits(self) -> bool:
        """Whether the author calls a plugin function in it."""
        return any(template.awaits for template in self._templates)

    @cached_property
    def _automatic(self) -> dict[str, str]:
        return automatic_headers(self.plan.http)

    def _assemble(self, parts: _Rendered, scope: Scope) -> Request:
        given = self.plan.base_url
        base = given if given is not None else to_text(scope.get("base_url") or "")
        url = resolve(base, to_text(parts.url), pairs_of(_named(parts.params, parts.names)))
        given_headers = _named(parts.headers, parts.names)
        headers = CIMultiDict((name, to_text(value)) for name, value in given_headers.items())
        cookies = own_cookies(parts.cookies, headers)
        form = self._form(parts)
        body = b"" if form is not None else self._body(parts, headers)
        if form is not None:
            headers["Content-Type"] = form.content_type
        for name, value in self._automatic.items():
            headers.setdefault(name, value)
        if url.raw_user is not None:
            headers.setdefault("Authorization", basic_authorization(url))
            url = url.with_user(None)
        if self.plan.http.proxy and url.scheme == "http":
            proxy = URL(self.plan.http.proxy)
            if proxy.user is not None:
                headers["Proxy-Authorization"] = basic_authorization(proxy)
        return Request(
            to_text(parts.method).upper(),
            url,
            headers.items(),
            body,
            cookies=cookies,
            timeout=self.timeout,
            follow=self.follow,
            verify=self.verify,
            form=form,
            proxied=self.plan.http.proxy is not None,
        )

    def _form(self, parts: _Rendered) -> Multipart | None:
        if self.upload:
            literal = frozenset(name for name, part in self.upload.items() if part.constant)
            return form_of(parts.upload, self.root, literal)
        return encoded(parts.body, self.root) if isinstance(parts.body, Form) else None

    def _body(self, parts: _Rendered, headers: CIMultiDict[str]) -> bytes:
        """Return the body; sets its content type among the headers where the author's is none."""
        if self.body is None:
            return b""
        given = headers.get("Content-Type", "")
        body, content_type = encode_body(self.body_kind, parts.body, given)
        if content_type is not None:
            headers["Content-Type"] = content_type
        return body


def _expressions(group: Mapping[str, Written]) -> dict[str, Written]:
    return {name: Written(name, value.place) for name, value in group.items() if "$" in name}


def _named(group: Mapping[str, Any], names: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the group under the names that its expressions stand for."""
    if not names:
        return group
    return {to_text(names.get(name, name)): value for name, value in group.items()}


def _render_all(group: Mapping[str, Template], scope: Scope) -> dict[str, Any]:
    return {name: template.render(scope) for name, template in group.items()}


async def _await_all(group: Mapping[str, Template], scope: Scope) -> dict[str, Any]:
    return {name: await template.render_async(scope) for name, template in group.items()}
