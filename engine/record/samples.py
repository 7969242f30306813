"""Turn a kept request into plain values for a file, shortened and with secrets masked."""

from __future__ import annotations

from typing import Any

from ..http.request import Request
from ..http.response import Response
from ..output.curl import curl_of
from ..output.json_text import ms_of
from ..output.masking import Mask
from ..scenario.kept import Kept
from ..values.text import presentable, to_text

_MOST_BODY = 4_000
_MOST_VALUE = 500
_MOST_VARIABLES = 100


def sample_of(kept: Kept, mask: Mask) -> dict[str, Any]:
    """Return request, response and variables as plain values; `why` is `failed` or `slow`."""
    request, response = kept.request, kept.response
    return {
        "at": round(kept.at, 3),
        "why": "failed" if kept.kind else "slow",
        "kind": kept.kind,
        "detail": kept.detail,
        "message": mask.message(kept.message),
        "case": kept.case,
        "step": kept.step,
        "latency_ms": ms_of(kept.latency),
        "curl": None if request is None else curl_of(request, kept.cookies, mask),
        "request": None if request is None else _request(request, mask),
        "response": None if response is None else _response(response, mask),
        "variables": {
            name: _cut(mask.tree(to_text(presentable(value)), name), _MOST_VALUE)
            for name, value in list(kept.variables.items())[:_MOST_VARIABLES]
        },
    }


def _request(request: Request, mask: Mask) -> dict[str, Any]:
    body = "(multipart)" if request.form is not None else _body(request.body, mask)
    return {
        "method": request.method,
        "url": mask.text(str(request.url)),
        "headers": [[name, mask.tree(value, name)] for name, value in request.headers],
        "body": body,
    }


def _response(response: Response, mask: Mask) -> dict[str, Any]:
    return {
        "status": response.status,
        "headers": [[name, mask.tree(value, name)] for name, value in response.headers.items()],
        "body": _body(response.content, mask),
    }


def _body(content: bytes, mask: Mask) -> str:
    # Mask before cutting: half of a secret would not be recognised.
    # A character has up to four bytes; masking 64 MiB to show 4,000 characters would take long.
    text = mask.text(content[: 4 * _MOST_BODY].decode("utf-8", "replace"))
    return _cut(text, _MOST_BODY)


def _cut(text: str, most: int) -> str:
    text = text.encode("utf-8", "replace").decode()  # UTF-8 cannot encode lone surrogates
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
