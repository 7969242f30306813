"""Turn a kept request into plain values for a file, shortened and with secrets masked."""

from __future__ import annotations

from typing import Any

from ..http.brief import BriefRequest, BriefResponse
from ..output.curl import curl_of
from ..output.json_text import ms_of
from ..output.masking import Mask
from ..scenario.kept import Kept
from ..values.text import to_text

_MOST_BODY = 4_000
_MOST_VALUE = 500
_MOST_MESSAGE = 1_000


def sample_of(kept: Kept, mask: Mask) -> dict[str, Any]:
    """Return request, response and variables as plain values; `why` is `failed` or `slow`."""
    request, response = kept.request, kept.response
    mask = mask.knowing(kept.variables)
    return {
        "at": round(kept.at, 3),
        "why": "failed" if kept.kind else "slow",
        "kind": kept.kind,
        "detail": kept.detail,
        "message": _cut(mask.message(kept.message), _MOST_MESSAGE),
        "case": kept.case,
        "step": kept.step,
        "latency_ms": ms_of(kept.latency),
        "curl": None if request is None else curl_of(request, mask),
        "request": None if request is None else _request(request, mask),
        "response": None if response is None else _response(response, mask),
        "variables": {
            name: _cut(to_text(mask.variable(value, name)), _MOST_VALUE)
            for name, value in kept.variables.items()
        },
    }


def _request(request: BriefRequest, mask: Mask) -> dict[str, Any]:
    is_form = request.parts is not None
    return {
        "method": request.method,
        "url": _masked(request.url, mask),
        "headers": _headers(request, mask),
        "body": "(multipart)" if is_form else _body(request, mask),
    }


def _response(response: BriefResponse, mask: Mask) -> dict[str, Any]:
    return {
        "status": response.status,
        "headers": _headers(response, mask),
        "body": _body(response, mask),
    }


def _headers(message: BriefRequest | BriefResponse, mask: Mask) -> list[list[str]]:
    return [[name, _cut(mask.tree(value, name), _MOST_BODY)] for name, value in message.headers]


def _body(message: BriefRequest | BriefResponse, mask: Mask) -> str:
    more = f" ({message.size} bytes)"
    return _masked(message.body.decode("utf-8", "replace"), mask, more)


def _masked(text: str, mask: Mask, more: str = "") -> str:
    """Return a text masked and cut; the mask cuts it, because half a secret is none to it."""
    shown = _cut(mask.text(text, _MOST_BODY), _MOST_BODY)
    return shown if len(text) <= _MOST_BODY else f"{shown}…{more}"


def _cut(text: str, most: int) -> str:
    text = text.encode("utf-8", "replace").decode()  # UTF-8 cannot encode lone surrogates
    return text if len(text) <= most else f"{text[:most]}…"
