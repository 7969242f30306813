"""From a request as written to a request as bytes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from yarl import URL

from ..case.model import Config, RequestStep, Written
from ..http.multipart import Multipart
from ..http.options import HttpOptions
from ..http.request import Request
from ..values.builtins import Form
from ..values.expressions import Scope, Template
from ..values.text import to_text
from .body import encode_body, pairs_of
from .plan import Plan
from .static_scope import StaticScope
from .upload import encoded, form_of
from .url import resolve


@dataclass(frozen=True, slots=True)
class _Rendered:
    """The parts of a request as values, before they are made text."""

    method: str
    url: str
    params: Mapping[str, Any]
    headers: Mapping[str, Any]
    cookies: Mapping[str, Any]
    upload: Mapping[str, Any]
    body: Any


@dataclass(frozen=True)
class RequestTemplate:
    """The compiled parts of a request; `headers` holds the case's defaults under the step's own."""

    method: Template
    url: Template
    params: Mapping[str, Template]
    headers: Mapping[str, Template]
    cookies: Mapping[str, Template]
    upload: Mapping[str, Template]
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
        headers = scope.templates(merge_headers(config.headers, step.headers))
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
        params, headers, cookies, upload = [_render_all(group, scope) for group in self._groups]
        parts = _Rendered(
            method=self.method.render(scope),
            url=self.url.render(scope),
            params=params,
            headers=headers,
            cookies=cookies,
            upload=upload,
            body=self.body.render(scope) if self.body is not None else None,
        )
        return self._assemble(parts, scope)

    async def build_async(self, scope: Scope) -> Request:
        """Make the request, calling plugin functions where the author did; raises StepFailed."""
        if not self._awaits:
            return self.build(scope)
        params, headers, cookies, upload = [
            await _await_all(group, scope) for group in self._groups
        ]
        parts = _Rendered(
            method=await self.method.render_async(scope),
            url=await self.url.render_async(scope),
            params=params,
            headers=headers,
            cookies=cookies,
            upload=upload,
            body=await self.body.render_async(scope) if self.body is not None else None,
        )
        return self._assemble(parts, scope)

    @cached_property
    def _groups(self) -> tuple[Mapping[str, Template], ...]:
        return self.params, self.headers, self.cookies, self.upload

    @cached_property
    def _templates(self) -> tuple[Template, ...]:
        grouped = (template for group in self._groups for template in group.values())
        return (self.method, self.url, *grouped, *([self.body] if self.body is not None else []))

    @cached_property
    def _awaits(self) -> bool:
        return any(template.awaits for template in self._templates)

    @cached_property
    def _automatic(self) -> Mapping[str, str]:
        return automatic_headers(self.plan.http)

    def _assemble(self, parts: _Rendered, scope: Scope) -> Request:
        given = self.plan.base_url
        base = given if given is not None else to_text(scope.get("base_url") or "")
        url = resolve(base, to_text(parts.url), pairs_of(parts.params))
        headers = {name: to_text(value) for name, value in parts.headers.items()}
        form = self._form(parts)
        body = b"" if form is not None else self._body(parts, headers)
        if form is not None:
            _set_header(headers, "Content-Type", form.content_type)
        names = {name.lower() for name in headers}
        headers |= {k: v for k, v in self._automatic.items() if k.lower() not in names}
        if self.plan.http.proxy and url.scheme == "http":
            headers |= _proxy_headers(URL(self.plan.http.proxy))
        return Request(
            to_text(parts.method).upper(),
            url,
            headers.items(),
            body,
            cookies=dict(pairs_of(parts.cookies)),
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

    def _body(self, parts: _Rendered, headers: dict[str, str]) -> bytes:
        """Return the body; sets its content type among the headers where the author's is none."""
        if self.body is None:
            return b""
        given = next((headers[name] for name in headers if name.lower() == "content-type"), "")
        body, content_type = encode_body(self.body_kind, parts.body, given)
        if content_type is not None:
            _set_header(headers, "Content-Type", content_type)
        return body


def automatic_headers(options: HttpOptions) -> dict[str, str]:
    """Return the headers that go with every request unless the author gives them."""
    headers = {"User-Agent": f"boomtalk/{version('boomtalk')}", "Accept": "*/*"}
    if options.compression:
        headers["Accept-Encoding"] = "gzip, deflate"
    if not options.keepalive:
        headers["Connection"] = "close"
    return headers


def merge_headers(
    defaults: Mapping[str, Written], own: Mapping[str, Written]
) -> dict[str, Written]:
    """The step wins per name, whatever its case; names that start with a colon are HTTP/2's."""
    names = {name.lower() for name in own}
    merged = {name: value for name, value in defaults.items() if name.lower() not in names}
    return {name: value for name, value in {**merged, **own}.items() if not name.startswith(":")}


def _set_header(headers: dict[str, str], name: str, value: str) -> None:
    for other in [one for one in headers if one.lower() == name.lower()]:
        del headers[other]
    headers[name] = value


def _proxy_headers(proxy: URL) -> dict[str, str]:
    """Return what a proxy wants to know of us for plain http; https asks it by CONNECT."""
    if proxy.user is None:
        return {}
    credentials = f"{unquote(proxy.user)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def _render_all(group: Mapping[str, Template], scope: Scope) -> dict[str, Any]:
    return {name: template.render(scope) for name, template in group.items()}


async def _await_all(group: Mapping[str, Template], scope: Scope) -> dict[str, Any]:
    return {name: await template.render_async(scope) for name, template in group.items()}
