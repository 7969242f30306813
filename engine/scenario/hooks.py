"""Setup and teardown hooks: calls around a request, with a plain copy of it at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import PluginCallError, StepFailed
from ..http.request import Request
from ..http.response import Response
from ..request.url import as_written
from ..values.expressions import Template


@dataclass(frozen=True, slots=True)
class CompiledHook:
    call: Template
    assign: str | None


async def run_setup(
    hooks: Sequence[CompiledHook], name: str, request: Request, scope: dict[str, Any]
) -> Request:
    """Run the hooks in order; each sees `$request` as the one before it left it.

    A hook that returns a request (a map with `method` and `url`), or is assigned to the
    variable `request`, replaces method, url, headers, cookies and body. The hooks of
    HttpRunner's Python engine changed their argument in place instead.
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
    name: str,
    request: Request,
    response: Response,
    scope: dict[str, Any],
) -> None:
    """Run the hooks after the response was read and before anything is extracted."""
    asked, answered = describe_request(request), describe_response(response)
    views = {
        "request": asked,
        "hrp_step_request": asked,
        "response": answered,
        "hrp_step_response": answered,
        "hrp_step_name": name,
    }
    await call_hooks(hooks, scope, views, "teardown")


async def call_hooks(
    hooks: Sequence[CompiledHook], scope: dict[str, Any], views: Mapping[str, Any], when: str
) -> None:
    """Call hooks that change nothing but the variables they are assigned to."""
    for hook in hooks:
        result = await call_hook(hook, scope | dict(views), when)
        if hook.assign is not None:
            scope[hook.assign] = result


async def call_hook(hook: CompiledHook, scope: dict[str, Any], when: str) -> Any:
    """Return what the hook returns; raises StepFailed of kind hook if it raises."""
    try:
        if hook.call.awaits:
            return await hook.call.render_async(scope)
        return hook.call.render(scope)
    except PluginCallError as error:
        if error.kind != "plugin_error":
            raise
        raise StepFailed("hook", error.message, when, error.traceback) from error


def describe_request(request: Request) -> dict[str, Any]:
    """Return the request as plain values, the body decoded where it is JSON."""
    return {
        "method": request.method,
        "url": str(request.url),
        "headers": dict(request.headers),
        "cookies": dict(request.cookies),
        "body": _readable(request.body) if request.form is None else str(request.form),
    }


def describe_response(response: Response) -> dict[str, Any]:
    return {
        "proto": response.proto,
        "status_code": response.status,
        "headers": dict(response.headers),
        "cookies": dict(response.cookies),
        "body": response.body,
    }


def apply(view: Mapping[str, Any], request: Request) -> Request:
    """Return the request that the view describes; the same one if nothing was changed.

    Raises StepFailed (kind hook) for a view that describes none.
    """
    original = describe_request(request)
    if view == original:
        return request
    body, form = request.body, request.form
    if view.get("body") != original["body"]:
        body, form = _encode(view.get("body")), None
    try:
        return request.changed(
            method=str(view["method"]).upper(),
            url=as_written(str(view["url"])),
            headers=_texts(view.get("headers")).items(),
            body=body,
            cookies=_texts(view.get("cookies")),
            form=form,
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise StepFailed("hook", f"not a request: {error}", "setup") from error


def _is_request(value: Any) -> bool:
    return isinstance(value, Mapping) and "method" in value and "url" in value


def _texts(pairs: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (pairs or {}).items()}


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _encode(content: Any) -> bytes:
    if content is None:
        return b""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")
