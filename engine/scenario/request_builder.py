"""From a request as written to a request as bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from ..case.model import Config, RequestStep, Written
from ..http.options import HttpOptions
from ..http.request import Request
from ..values.expressions import Template
from ..values.text import to_text
from .body import encode_body, pairs_of
from .url import resolve

Scope = Mapping[str, Any]
Compile = Callable[[Written], Template | None]


@dataclass(frozen=True, slots=True)
class _Rendered:
    """The parts of a request as values, before they are made text."""

    method: str
    url: str
    params: Mapping[str, Any]
    headers: Mapping[str, Any]
    cookies: Mapping[str, Any]
    body: Any


@dataclass(slots=True)
class RequestTemplate:
    """The compiled parts of a request; `headers` holds the case's defaults under the step's own."""

    method: Template
    url: Template
    params: Mapping[str, Template]
    headers: Mapping[str, Template]
    cookies: Mapping[str, Template]
    body_kind: str
    body: Template | None
    timeout: float | None
    follow: bool
    verify: bool
    base_url: str | None
    automatic: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def compile(
        cls,
        step: RequestStep,
        config: Config,
        options: HttpOptions,
        base_url: str | None,
        compile_: Compile,
    ) -> RequestTemplate | None:
        """Compile every part; None when a part has a problem (the compiler has noted it)."""
        method, url = compile_(step.method), compile_(step.url)
        body = compile_(step.body) if step.body is not None else None
        if method is None or url is None or (body is None and step.body is not None):
            return None
        verify = step.verify if step.verify is not None else config.verify
        return cls(
            method=method,
            url=url,
            params=_compile_all(step.params, compile_),
            headers=_compile_all(_merge_headers(config.headers, step.headers), compile_),
            cookies=_compile_all(step.cookies, compile_),
            body_kind=step.body_kind,
            body=body,
            timeout=step.timeout if step.timeout is not None else config.request_timeout,
            follow=step.allow_redirects,
            verify=verify is not False,
            base_url=base_url,
            automatic=_automatic(options),
        )

    @property
    def is_constant(self) -> bool:
        """Whether only the base URL can change what is sent."""
        return all(template.constant for template in self._templates())

    def build(self, scope: Scope) -> Request:
        """Make the request where nothing in it has to be awaited; raises StepFailed."""
        return self._assemble(
            _Rendered(
                self.method.render(scope),
                self.url.render(scope),
                {name: part.render(scope) for name, part in self.params.items()},
                {name: part.render(scope) for name, part in self.headers.items()},
                {name: part.render(scope) for name, part in self.cookies.items()},
                self.body.render(scope) if self.body is not None else None,
            ),
            scope,
        )

    async def build_async(self, scope: Scope) -> Request:
        """Make the request, calling plugin functions where the author did; raises StepFailed."""
        if not any(template.awaits for template in self._templates()):
            return self.build(scope)
        return self._assemble(
            _Rendered(
                await _render(self.method, scope),
                await _render(self.url, scope),
                {name: await _render(part, scope) for name, part in self.params.items()},
                {name: await _render(part, scope) for name, part in self.headers.items()},
                {name: await _render(part, scope) for name, part in self.cookies.items()},
                await _render(self.body, scope) if self.body is not None else None,
            ),
            scope,
        )

    def _templates(self) -> Iterable[Template]:
        yield from (self.method, self.url)
        for group in (self.params, self.headers, self.cookies):
            yield from group.values()
        if self.body is not None:
            yield self.body

    def _assemble(self, parts: _Rendered, scope: Scope) -> Request:
        base = self.base_url if self.base_url is not None else to_text(scope.get("base_url") or "")
        headers = {name: to_text(value) for name, value in parts.headers.items()}
        given = {name.lower(): value for name, value in headers.items()}
        body, content_type = b"", None
        if self.body is not None:
            body, content_type = encode_body(
                self.body_kind, parts.body, given.get("content-type", "")
            )
        if content_type is not None:
            headers = {k: v for k, v in headers.items() if k.lower() != "content-type"}
            headers["Content-Type"] = content_type
        for name, value in self.automatic.items():
            if name.lower() not in given:
                headers[name] = value
        return Request(
            to_text(parts.method).upper(),
            resolve(base, to_text(parts.url), pairs_of(parts.params)),
            headers.items(),
            body,
            cookies=dict(pairs_of(parts.cookies)),
            timeout=self.timeout,
            follow=self.follow,
            verify=self.verify,
        )


def _automatic(options: HttpOptions) -> dict[str, str]:
    headers = {"User-Agent": f"boomtalk/{version('boomtalk')}", "Accept": "*/*"}
    if options.compression:
        headers["Accept-Encoding"] = "gzip, deflate"
    if not options.keepalive:
        headers["Connection"] = "close"
    return headers


def _merge_headers(
    defaults: Mapping[str, Written], own: Mapping[str, Written]
) -> dict[str, Written]:
    """The step wins per name, whatever its case; names that start with a colon are HTTP/2's."""
    names = {name.lower() for name in own}
    merged = {name: value for name, value in defaults.items() if name.lower() not in names}
    return {name: value for name, value in {**merged, **own}.items() if not name.startswith(":")}


def _compile_all(written: Mapping[str, Written], compile_: Compile) -> dict[str, Template]:
    compiled = ((name, compile_(value)) for name, value in written.items())
    return {name: template for name, template in compiled if template is not None}


def _render(template: Template, scope: Scope) -> Awaitable[Any]:
    return template.render_async(scope)
