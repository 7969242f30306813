"""Setup and teardown hooks: calls around a request, with a plain copy of it at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from ..errors import PluginCallError, StepFailed
from ..http.request import Request
from ..http.response import Response
from ..values.expressions import Template

Scope = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledHook:
    call: Template
    assign: str | None


async def run_setup(
    hooks: Sequence[CompiledHook], request: Request, scope: dict[str, Any]
) -> Request:
    """Run the hooks in order; each sees `$request` as the one before it left it.

    A hook that returns a request (a map with `method` and `url`), or is assigned to the
    variable `request`, replaces method, url, headers, cookies and body. The hooks of
    HttpRunner's Python engine changed their argument in place instead.
    """
    view = describe_request(request)
    for hook in hooks:
        result = await _run(hook, scope | {"request": view, "hrp_step_request": view}, "setup")
        if _is_request(result) and hook.assign in (None, "request"):
            view = {**view, **result}
        elif hook.assign is not None:
            scope[hook.assign] = result
    return apply(view, request)


async def run_teardown(
    hooks: Sequence[CompiledHook], request: Request, response: Response, scope: dict[str, Any]
) -> None:
    """Run the hooks after the response was read and before anything is extracted."""
    asked, answered = describe_request(request), describe_response(response)
    views = {
        "request": asked,
        "hrp_step_request": asked,
        "response": answered,
        "hrp_step_response": answered,
    }
    for hook in hooks:
        result = await _run(hook, scope | views, "teardown")
        if hook.assign is not None:
            scope[hook.assign] = result


async def _run(hook: CompiledHook, scope: dict[str, Any], when: str) -> Any:
    try:
        if hook.call.awaits:
            return await hook.call.render_async(scope)
        return hook.call.render(scope)
    except PluginCallError as error:
        if error.kind != "plugin_error":
            raise
        raise StepFailed("hook", error.message, when) from error


def describe_request(request: Request) -> dict[str, Any]:
    """Return the request as plain values, the body decoded where it is JSON."""
    return {
        "method": request.method,
        "url": str(request.url),
        "headers": dict(request.headers),
        "cookies": dict(request.cookies),
        "body": _readable(request.body),
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
    """Return the request that the view describes; the same one if nothing was changed."""
    original = describe_request(request)
    if view == original:
        return request
    body = request.body
    if view.get("body") != original["body"]:
        content = view.get("body")
        body = content.encode() if isinstance(content, str) else _dumps(content)
    return Request(
        str(view["method"]).upper(),
        URL(str(view["url"])),
        [(str(name), str(value)) for name, value in (view.get("headers") or {}).items()],
        body,
        cookies={str(name): str(value) for name, value in (view.get("cookies") or {}).items()},
        timeout=request.timeout,
        follow=request.follow,
        verify=request.origin.verify,
    )


def _is_request(value: Any) -> bool:
    return isinstance(value, Mapping) and "method" in value and "url" in value


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _dumps(content: Any) -> bytes:
    return b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
