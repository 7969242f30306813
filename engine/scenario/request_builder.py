"""Build requests from the parts that the author wrote."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct
from multidict import CIMultiDict
from yarl import URL

from ..case.model import Config, RequestStep, Written
from ..http.multipart import Multipart
from ..http.options import HttpOptions
from ..http.request import Http2, Request
from ..request.body import encode_body, pairs_of
from ..request.headers import authorize, complete_headers, merge_headers, set_given
from ..request.own_cookies import own_cookies
from ..request.upload import encoded, form_of
from ..request.url import resolve, resolve_secure
from ..values.builtins import Form
from ..values.expressions import Scope, Template, found
from ..values.text import to_text
from .context import CompileContext
from .request_plan import RequestPlan, compile_plan
from .static_scope import StaticScope


class RequestTemplate(Struct, frozen=True, dict=True):
    """The compiled parts of a request. `headers` are the case's defaults and the step's own.

    `base` is the step's own base URL, and `given_headers` gives a map of more headers.
    `names` are the names of params and headers that are expressions. `awaited` are the parts
    that call a plugin function. Their values are put into the scope before `build` runs, so that
    `build` need not await; their names there begin with NUL, which no author can write.
    """

    method: Template
    url: Template
    base: Template | None
    params: Mapping[str, Template]
    headers: Mapping[str, Template]
    given_headers: Template | None
    cookies: Mapping[str, Template]
    upload: Mapping[str, Template]
    names: Mapping[str, Template]
    body_kind: str
    body: Template | None
    awaited: Mapping[str, Template]
    timeout: float | None
    follow: bool
    verify: bool
    http2: Http2
    root: Path
    context: CompileContext

    @classmethod
    def compile(
        cls, step: RequestStep, config: Config, context: CompileContext, scope: StaticScope
    ) -> RequestTemplate | None:
        """Compile every part; returns None if one has a problem, which the scope keeps."""
        awaited = _Awaited()
        method, url = (
            scope.template(step.method),
            scope.url(step.url, step.base_url, resolve_secure if step.http2 else resolve),
        )
        base, given = scope.optional(step.base_url), scope.map_from(step.headers_from)
        params, cookies = scope.templates(step.params), scope.templates(step.cookies)
        written_headers = merge_headers(config.headers, step.headers)
        headers = scope.templates(written_headers)
        names = scope.templates(_expressions(step.params) | _expressions(written_headers))
        upload = scope.uploads(step.upload or {})
        body = scope.template(step.body) if step.body is not None else None
        if method is None or url is None or (body is None and step.body is not None):
            return None
        verify = step.verify if step.verify is not None else config.verify
        return cls(
            method=awaited.without(method),
            url=awaited.without(url),
            base=awaited.without(base) if base is not None else None,
            params=awaited.without_all(params),
            headers=awaited.without_all(headers),
            given_headers=awaited.without(given) if given is not None else None,
            cookies=awaited.without_all(cookies),
            upload=awaited.without_all(upload),
            names=awaited.without_all(names),
            body_kind=step.body_kind,
            body=awaited.without(body) if body is not None else None,
            awaited=awaited.templates,
            timeout=step.timeout if step.timeout is not None else config.request_timeout,
            follow=step.allow_redirects,
            verify=verify is not False,
            http2=_http2(step, context.settings.http),
            root=scope.functions.project.root,
            context=context,
        )

    @property
    def is_constant(self) -> bool:
        """Return whether every request is the same, apart from the base URL.

        An upload never is: its files may change on disk.
        """
        groups = (self.params, self.headers, self.cookies, self.names)
        grouped = (template for group in groups for template in group.values())
        single = (self.method, self.url, self.base, self.given_headers, self.body)
        parts = (*grouped, *(template for template in single if template is not None))
        return not self.upload and all(template.constant for template in parts)

    def build(self, scope: Scope) -> Request:
        """Make the request; the scope must hold the awaited values. Raises StepFailed."""
        request = self._plan.build(scope) if self._plan is not None else None
        return request if request is not None else self.build_any(scope)

    def build_any(self, scope: Scope) -> Request:
        """Make the request in the general way, which takes everything."""
        names = _rendered(self.names, scope)
        headers = CIMultiDict(_texts(self.headers, names, scope))
        if self.given_headers is not None:
            set_given(headers, self.given_headers.render(scope))
        cookies = own_cookies(_rendered(self.cookies, scope), headers)
        content = self.body.render(scope) if self.body is not None else None
        form = self._form(content, scope)
        body = b""
        if form is not None:
            headers["Content-Type"] = form.content_type
        elif self.body is not None:
            body = self._encode(content, headers)
        url = self._resolve(names, scope)
        complete_headers(headers, self.context.settings.http)
        has_url_user = False
        if url.raw_user or url.raw_password or self.context.settings.http.proxy:
            has_url_user = authorize(headers, url, self.context.settings.http)
            url = url.with_user(None)
        return Request(
            to_text(self.method.render(scope)).upper(),
            url,
            headers.items(),
            body,
            cookies=cookies,
            timeout=self.timeout,
            follow=self.follow,
            verify=self.verify,
            form=form,
            proxied=self.context.settings.http.proxy is not None,
            has_url_user=has_url_user,
            http2=self.http2,
        )

    async def build_async(self, scope: Scope) -> Request:
        """Call the plugin functions in the request, then make it; raises StepFailed."""
        filled = dict(scope)
        for name, template in self.awaited.items():
            filled[name] = await template.render_async(scope)
        return self.build(filled)

    @cached_property
    def _plan(self) -> RequestPlan | None:
        late = (self.base, self.given_headers)
        if self.names or self.upload or any(part is not None for part in late):
            return None
        return compile_plan(
            self.method,
            self.headers,
            self.context.settings,
            self.timeout,
            self.follow,
            body_kind=self.body_kind,
            body=self.body,
            cookies=self.cookies,
            url=self.url,
            params=self.params,
            verify=self.verify,
            http2=self.http2,
        )

    def _resolve(self, names: Mapping[str, Any], scope: Scope) -> URL:
        given = self.context.settings.base_url
        if given is None:
            own = self.base.render(scope) if self.base is not None else None
            given = to_text(own or scope.get("base_url") or "")
        url = to_text(self.url.render(scope))
        if not self.params:
            return resolve(given, url)
        params = {_named(name, names): one.render(scope) for name, one in self.params.items()}
        return resolve(given, url, pairs_of(params))

    def _form(self, content: Any, scope: Scope) -> Multipart | None:
        if self.upload:
            literal = frozenset(name for name, part in self.upload.items() if part.constant)
            return form_of(_rendered(self.upload, scope), self.root, literal)
        return encoded(content, self.root) if isinstance(content, Form) else None

    def _encode(self, content: Any, headers: CIMultiDict[str]) -> bytes:
        """Return the body, and set its content type in the headers unless the author did."""
        given = headers.get("Content-Type", "")
        body, content_type = encode_body(self.body_kind, content, given)
        if content_type is not None:
            headers["Content-Type"] = content_type
        return body


class _Awaited:
    """Collects the parts of a request that must be awaited, and replaces them by look-ups."""

    def __init__(self) -> None:
        self.templates: dict[str, Template] = {}

    def without(self, template: Template) -> Template:
        """Return a template that does not await: itself, or a look-up of its value in the scope."""
        if not template.awaits:
            return template
        name = f"\0{len(self.templates)}"
        self.templates[name] = template
        return found(name)

    def without_all(self, group: Mapping[str, Template]) -> Mapping[str, Template]:
        return {name: self.without(template) for name, template in group.items()}


def _http2(step: RequestStep, options: HttpOptions) -> Http2:
    if step.http2:
        return "demanded"
    return "offered" if options.http2 else "no"


def _expressions(group: Mapping[str, Written]) -> dict[str, Written]:
    return {name: Written(name, value.place) for name, value in group.items() if "$" in name}


def _rendered(group: Mapping[str, Template], scope: Scope) -> dict[str, Any]:
    return {name: template.render(scope) for name, template in group.items()} if group else {}


def _texts(
    group: Mapping[str, Template], names: Mapping[str, Any], scope: Scope
) -> list[tuple[str, str]]:
    """Return rendered pairs of name and value."""
    pairs = [(name, to_text(template.render(scope))) for name, template in group.items()]
    return [(_named(name, names), text) for name, text in pairs] if names else pairs


def _named(name: str, names: Mapping[str, Any]) -> str:
    return to_text(names[name]) if name in names else name
