"""This module runs setup and teardown hooks, with a plain copy of what they are about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from multidict import CIMultiDict
from yarl import URL

from ..errors import PluginCallError, StepFailed
from ..http.cookies import Pairs, by_name
from ..http.request import Request
from ..request.body import pairs_of
from ..request.headers import ask_for_readable, authorize_user
from ..request.url import as_written
from ..values.expressions import Template
from ..values.extraction import ResponseView
from ..values.text import to_text

_NOT_FITTING = (AttributeError, TypeError, ValueError, RecursionError, StepFailed)


class CompiledHook(Struct, frozen=True):
    call: Template
    assign: str | None


async def run_setup(
    hooks: Sequence[CompiledHook], name: str, request: Request, scope: dict[str, Any]
) -> Request:
    """Run the hooks in order; each gets `$request` with the changes of the hooks before it.

    A hook that returns a request (a map with `method` and `url`), is assigned to the variable
    `request`, or changes its argument `$request` in place, replaces method, url, headers,
    cookies and body.
    """
    view = describe_request(request)
    for hook in hooks:
        views = {"request": view, "hrp_step_request": view, "hrp_step_name": name}
        result = await call_hook(hook, scope | views, "setup")
        if hook.assign in (None, "request") and _is_request(result):
            view = {**view, **result}
        elif hook.assign is not None:
            scope[hook.assign] = result
    return apply(view, request)


async def run_teardown(
    hooks: Sequence[CompiledHook],
    about: Mapping[str, Any],
    response: ResponseView,
    scope: dict[str, Any],
) -> ResponseView:
    """Run the hooks after the response was read; return the response to extract from and check.

    A hook that returns a response (a map with `status_code`), is assigned to the variable
    `response`, or changes its argument `$response` in place, replaces status, headers, cookies
    and body for later hooks, extractions and checks. The report keeps the response of the
    server. `about` holds the other values that hooks get.
    """
    answered = view = describe_response(response)
    for hook in hooks:
        views = {**about, "response": view, "hrp_step_response": view}
        result = await call_hook(hook, scope | views, "teardown")
        if hook.assign in (None, "response") and _is_response(result):
            view = {**view, **result}
        elif hook.assign is not None:
            scope[hook.assign] = result
    return response if view is answered else changed_response(view, response)


async def call_hooks(
    hooks: Sequence[CompiledHook], scope: dict[str, Any], views: Mapping[str, Any], when: str
) -> None:
    """Call hooks whose results only go into the variables that they are assigned to."""
    for hook in hooks:
        result = await call_hook(hook, scope | dict(views), when)
        if hook.assign is not None:
            scope[hook.assign] = result


async def call_hook(hook: CompiledHook, scope: dict[str, Any], when: str) -> Any:
    """Call the hook and return its result; raises StepFailed (kind hook) if the hook raises."""
    try:
        if hook.call.awaits:
            return await hook.call.render_async(scope)
        return hook.call.render(scope)
    except PluginCallError as error:
        # A crash or a timeout is the plugin's failure, not the hook's.
        if error.kind != "plugin_error":
            raise
        raise StepFailed("hook", error.message, when, error.traceback) from error


def describe_request(request: Request) -> dict[str, Any]:
    """Return the request as plain values; a JSON body is parsed.

    `params` is the query of the URL once more: HttpRunner 2 and 3 had it apart.
    """
    return {
        "method": request.method,
        "url": str(request.url),
        "params": _params(request),
        "headers": dict(request.headers),
        "cookies": by_name(request.cookies),
        "body": _readable(request.body) if request.form is None else str(request.form),
    }


def request_views(request: Request, name: str) -> dict[str, Any]:
    """Return what a hook sees of a request."""
    view = describe_request(request)
    return {"request": view, "hrp_step_request": view, "hrp_step_name": name}


def describe_response(response: ResponseView) -> dict[str, Any]:
    return {
        "proto": response.proto,
        "status_code": response.status,
        "headers": dict(response.headers),
        "cookies": dict(response.cookies),
        "body": response.body,
    }


def apply(view: Mapping[str, Any], request: Request) -> Request:
    """Return the request that the view describes, or the same one if nothing was changed.

    Raises StepFailed (kind hook) if the view does not describe a request.
    """
    try:
        original = describe_request(request)
        if view == original:
            return request
        body, form = request.body, request.form
        if view.get("body") != original["body"]:
            body, form = _encode(view.get("body")), None
        url, headers = _url(view, original), CIMultiDict(_texts(view.get("headers")))
        has_url_user = authorize_user(headers, url) or request.has_url_user
        ask_for_readable(headers)
        return request.changed(
            method=to_text(view["method"]).upper(),
            url=url.with_user(None),
            headers=headers.items(),
            body=body,
            cookies=_cookies(view, original, request),
            form=form,
            has_url_user=has_url_user,
        )
    except _NOT_FITTING as error:
        raise StepFailed("hook", f"not a request: {_reason(error)}", "setup") from error


class ChangedResponse(Struct, frozen=True):
    """A response as a teardown hook left it."""

    status: int
    proto: str
    reason: str
    url: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: Any
    text: str
    elapsed_ms: float


def changed_response(view: Mapping[str, Any], response: ResponseView) -> ChangedResponse:
    """Return the response that the view describes; raises StepFailed (kind hook) for none."""
    try:
        body = view.get("body")
        return ChangedResponse(
            status=view["status_code"],
            proto=response.proto,
            reason=response.reason,
            url=response.url,
            headers=CIMultiDict(_texts(view.get("headers"))),
            cookies=_texts(view.get("cookies")),
            body=body,
            text=response.text if body == response.body else to_text(body),
            elapsed_ms=response.elapsed_ms,
        )
    except _NOT_FITTING as error:
        raise StepFailed("hook", f"not a response: {_reason(error)}", "teardown") from error


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _params(request: Request) -> dict[str, Any]:
    """Return the query by name; a name that comes again has a list."""
    query = request.url.query
    found = {name: query.getall(name) for name in query}
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _url(view: Mapping[str, Any], original: Mapping[str, Any]) -> URL:
    """Return the URL; its query is that of `params` only where a hook changed these."""
    url = as_written(to_text(view["url"]))
    params = view.get("params")
    return url if params == original["params"] else url.with_query(list(pairs_of(params or {})))


def _cookies(view: Mapping[str, Any], original: Mapping[str, Any], request: Request) -> Pairs:
    if view.get("cookies") == original["cookies"]:
        return request.cookies
    return tuple(_texts(view.get("cookies")).items())


def _is_request(value: Any) -> bool:
    return isinstance(value, Mapping) and "method" in value and "url" in value


def _is_response(value: Any) -> bool:
    return isinstance(value, Mapping) and "status_code" in value


def _texts(pairs: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): to_text(value) for name, value in (pairs or {}).items()}


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _encode(content: Any) -> bytes:
    if content is None:
        return b""
    # JSON as requests writes it, which HttpRunner 3 gave the changed request to.
    is_text = isinstance(content, str)
    text = content if is_text else json.dumps(content, ensure_ascii=False, allow_nan=False)
    return str(text).encode("utf-8", "surrogatepass")
