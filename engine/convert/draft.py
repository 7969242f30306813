"""Hold the requests that an importer found, before they are written as a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field


class Expression(str):
    """A text in which `$name` and `${function()}` are expressions; a plain str is literal."""

    __slots__ = ()


Pairs = Sequence[tuple[str, str]]


class Text(Struct, frozen=True):
    """A body that is sent as it is."""

    text: str


class Json(Struct, frozen=True):
    value: Any


class Form(Struct, frozen=True):
    """A form; its fields keep their order."""

    pairs: Pairs


class File(Struct, frozen=True):
    """A file in a multipart form; `content` is None if the source does not contain it."""

    path: str
    content_type: str = ""
    filename: str = ""
    content: bytes | None = None


class TypedText(Struct, frozen=True):
    """A text in a multipart form with its own content type."""

    text: str
    content_type: str


Field = str | TypedText | File


class Upload(Struct, frozen=True):
    """A multipart form; its fields are texts and files."""

    fields: Sequence[tuple[str, Field]]


Body = Text | Json | Form | Upload


class Check(Struct, frozen=True):
    """One entry of `validate`: an assertion, a search of the response, the expected value."""

    assertion: str
    search: str
    expected: Any


class Draft(Struct, frozen=True, kw_only=True):
    """One request. `pause` is the think time before it; `pause` and `timeout` are in seconds.

    `status` is the recorded one, which the case checks; None makes it check for one below 400,
    unless one of `checks` is about the status. `extract` are searches by name of a variable.
    """

    name: str
    method: str
    url: str
    headers: Pairs = ()
    body: Body | None = None
    status: int | None = None
    checks: Sequence[Check] = ()
    extract: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    timeout: float | None = None
    follow: bool = True
    verify: bool = True


class DraftCase(Struct, kw_only=True):
    """The requests of one case file; if `base_url` is empty, it is found from their URLs."""

    name: str
    requests: list[Draft]
    base_url: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
