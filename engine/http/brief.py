"""Requests and responses in brief, as they are kept and shown: with the beginning of their body."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from .cookies import Pairs
from .multipart import FilePart, Multipart, TextPart
from .request import Request
from .response import Response

# Four times what a sample shows: a character has up to four bytes, and masking shortens a text.
_MOST = 16_000
_MOST_PARTS = 100

Part = TextPart | FilePart


class BriefRequest(Struct, frozen=True):
    """A request with the beginning of all its texts; `size` is that of its whole body.

    `cookies` are all that went with it. `parts` are those of a form, None for any other body.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    cookies: Pairs
    body: bytes
    size: int
    parts: tuple[Part, ...] | None
    verify: bool

    @classmethod
    def of(cls, request: Request, cookies: Pairs) -> BriefRequest:
        return cls(
            method=request.method,
            url=str(request.url)[:_MOST],
            headers=_pairs(request.headers),
            cookies=cookies,
            body=request.body[:_MOST],
            size=len(request.body),
            parts=None if request.form is None else _parts(request.form),
            verify=request.origin.verify,
        )


class BriefResponse(Struct, frozen=True):
    """A response with the beginning of its body; `size` is that of the whole body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    size: int

    @classmethod
    def of(cls, response: Response) -> BriefResponse:
        content = response.content
        return cls(response.status, _pairs(response.headers.items()), content[:_MOST], len(content))


def _pairs(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple([(name, value[:_MOST]) for name, value in pairs])


def _parts(form: Multipart) -> tuple[Part, ...]:
    return tuple(
        replace(part, text=part.text[:_MOST]) if isinstance(part, TextPart) else part
        for part in form.parts[:_MOST_PARTS]
    )
