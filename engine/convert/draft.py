"""What an importer found: requests as they were sent, before they are written as a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class Expression(str):
    """A text whose `$name` and `${function()}` mean something; a plain str is taken literally."""

    __slots__ = ()


Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Text:
    """A body that is sent as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Json:
    value: Any


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form in their order."""

    pairs: Pairs


@dataclass(frozen=True, slots=True)
class File:
    """A file of a multipart form; `content` is None where the source does not hold it."""

    path: str
    content_type: str = ""
    filename: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class TypedText:
    """A text of a multipart form that has a content type of its own."""

    text: str
    content_type: str


Field = str | TypedText | File


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields of a multipart form: texts and files."""

    fields: Sequence[tuple[str, Field]]


Body = Text | Json | Form | Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One request. `pause` is the think time before it, `timeout` too is in seconds.

    `status` is what the server answered once; None asks for any below 400.
    """

    name: str
    method: str
    url: str
    headers: Pairs = ()
    body: Body | None = None
    status: int | None = None
    pause: float = 0.0
    timeout: float | None = None
    follow: bool = True
    verify: bool = True


@dataclass(slots=True, kw_only=True)
class DraftCase:
    """Requests that become one file; an empty `base_url` is found among their URLs."""

    name: str
    requests: list[Draft]
    base_url: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
