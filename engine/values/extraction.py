"""This module compiles searches of a response: by field, path, JMESPath or regular expression.

Whether a text is searched is decided by what the author wrote, never by a value that a response
or a data file holds.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from ..case.model import Written
from ..case.searches import is_pattern, is_search, is_search_anywhere, modern
from ..errors import CaseError, Problem, StepFailed
from .expressions import Scope, Template, compile_template
from .functions import Functions
from .jmespath_search import compile_jmespath
from .old_fields import OLD_FIELDS
from .patterns import compile_pattern, search_by
from .text import shortened, to_text

_IDENTIFIER = r"(?:[A-Za-z_]\w*|\"[^\"\\]+\")"
_PATH = re.compile(rf"body((?:\.{_IDENTIFIER}|\.-?[0-9]{{1,9}}|\[-?[0-9]{{1,9}}\])*)", re.ASCII)
_PATH_PART = re.compile(r"\.\"([^\"]+)\"|\.(-?\w+)|\[(-?[0-9]+)\]", re.ASCII)
_HEADER = re.compile(r"headers\.(?:\"([^\"\\]+)\"|(\w+))", re.ASCII)
# Names of what a response has besides its bytes; `@` in JMESPath is all of it.
_BESIDES = re.compile(r"\b(?:elapsed|url)\b|@")
_COOKIE = re.compile(rf"cookies\.({_IDENTIFIER})", re.ASCII)


class SearchText(str):
    """A text that the author wrote as a search, in a variable of the case's own."""

    __slots__ = ()


class DotIndex(str):
    """A number behind a dot: an index of a list or text, as in HttpRunner 2, and a key of a map."""

    __slots__ = ()


class ResponseView(Protocol):
    """What extraction reads of a response.

    `headers` finds names in any letter case; `body` is decoded JSON, else the text.
    """

    @property
    def status(self) -> int: ...
    @property
    def proto(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def cookies(self) -> Mapping[str, str]: ...
    @property
    def elapsed_ms(self) -> float: ...
    @property
    def body(self) -> Any: ...
    @property
    def text(self) -> str: ...


Read = Callable[[ResponseView], Any]


class Extraction(Struct, frozen=True):
    """A compiled extraction; a path that leads nowhere gives None.

    `read` is a search that needs no scope, None if it does. Where `bytes_decide`, the same bytes
    give the same value, whenever and from wherever they came. `value` raises StepFailed (kind
    extract) only where evaluation is impossible. Where `awaits` is true only `value_async` may
    be used.
    """

    text: str
    searches: bool
    awaits: bool
    bytes_decide: bool
    variables: frozenset[str]
    read: Read | None
    value: Callable[[ResponseView, Scope], Any]
    value_async: Callable[[ResponseView, Scope], Awaitable[Any]]
    template: Template

    @property
    def is_of_document(self) -> bool:
        """Whether it reads nothing but the status, or one place in a body of JSON."""
        return self.text == "status_code" or (self.searches and plain_path(self.text) is not None)

    def search_in(self, scope: Scope) -> str | None:
        """Return the search as it was made in this scope; None where nothing was searched."""
        if self.awaits:
            return self.text if self.searches else None
        made = self.template.render(scope)
        return str(made) if self.searches or isinstance(made, SearchText) else None


def compile_extraction(
    written: Written, functions: Functions, names: Collection[str] = ()
) -> Extraction:
    """Compile an `extract` value or a `check`; raises CaseError for a bad expression."""
    text = written.value.strip() if isinstance(written.value, str) else written.value
    template = compile_template(written, functions, names)
    if not isinstance(text, str) or not is_search(text):
        shown = text if isinstance(text, str) else shortened(text)
        return _extraction(shown, template, _value_or_search)
    if not template.constant:
        return _extraction(text, template, _late_search, searches=True)
    read = constant_search(written, template.value)
    return _extraction(text, template, lambda value: read, searches=True)


def marked(template: Template, written: Written) -> Template:
    """Return the template of a variable; one that the author wrote as a search stays known as it.

    So `extract: {x: $path}` searches by a path of the case's own, and by no value that came from
    elsewhere. hrp searches by any text.
    """
    if not isinstance(written.value, str) or not is_search_anywhere(written.value.strip()):
        return template
    render, render_async = template.render, template.render_async
    if template.constant:
        value = SearchText(template.value)
        return replace(template, value=value, render=lambda scope: value)

    async def marked_async(scope: Scope) -> Any:
        return SearchText(to_text(await render_async(scope)))

    return replace(
        template,
        render=lambda scope: SearchText(to_text(render(scope))),
        render_async=marked_async,
    )


def marked_cell(value: Any) -> Any:
    """Return one value of a parameter row that the author wrote in the case."""
    return SearchText(value) if isinstance(value, str) and is_search_anywhere(value) else value


def constant_search(written: Written, text: str) -> Read:
    """Compile a search that is known; raises CaseError, naming where it was written."""
    try:
        return compile_search(text)
    except ValueError as error:
        raise CaseError([Problem(written.place, f"{text[:100]!r}: {error}")]) from error


def compile_search(text: str) -> Read:
    """Compile a search without expressions; raises ValueError saying what is wrong."""
    if is_pattern(text):
        return _regex(text)
    path = modern(text)
    if path == "headers":
        return lambda response: dict(response.headers)
    if path in _FIELDS:
        return _FIELDS[path]
    if header := _HEADER.fullmatch(path):
        return _header(header[1] or header[2])
    if cookie := _COOKIE.fullmatch(path):
        name = cookie[1].strip('"')
        return lambda response: response.cookies.get(name)
    if body := _PATH.fullmatch(path):
        return _body_path(path_keys(body[1]))
    return OLD_FIELDS.get(path) or compile_jmespath(path, _FIELDS)


def plain_path(text: str) -> tuple[str | int, ...] | None:
    """Return the steps of a plain path into the body; None for any other search."""
    body = None if is_pattern(text) or text.startswith("$") else _PATH.fullmatch(modern(text))
    return path_keys(body[1]) if body else None


def path_keys(text: str) -> tuple[str | int, ...]:
    parts = _PATH_PART.findall(text)
    return tuple(
        int(index) if index else quoted or _plain_key(plain) for quoted, plain, index in parts
    )


def _plain_key(text: str) -> str:
    return DotIndex(text) if text.lstrip("-").isdecimal() else text


def item_of(value: Any, key: str | int) -> Any:
    """Return one item of a map or list, or one letter of a text; None where there is none."""
    if isinstance(value, dict):
        return value.get(key)
    index = int(key) if isinstance(key, DotIndex) else key
    # JMESPath has no index of a text; version 2 had.
    if not isinstance(value, list) and not (isinstance(value, str) and key is not index):
        return None
    if not isinstance(index, int):
        return None
    return value[index] if -len(value) <= index < len(value) else None


def _extraction(
    text: str, template: Template, compiled: Callable[[Any], Read], *, searches: bool = False
) -> Extraction:
    """Combine the template of the text with the search that its value asks for."""
    render, render_async = template.render, template.render_async

    def value(response: ResponseView, scope: Scope) -> Any:
        return compiled(render(scope))(response)

    async def value_async(response: ResponseView, scope: Scope) -> Any:
        return compiled(await render_async(scope))(response)

    read = compiled(template.value) if template.constant else None
    if read is not None:
        value = lambda response, scope: read(response)  # noqa: E731
    return Extraction(
        text,
        searches,
        template.awaits,
        template.constant and not _BESIDES.search(to_text(template.value)),
        template.variables,
        read,
        value,
        value_async,
        template,
    )


def _value_or_search(value: Any) -> Read:
    if value.__class__ is SearchText:
        return _late_search(value)
    return lambda response: value


def _late_search(text: Any) -> Read:
    try:
        return _cached_search(to_text(text))
    except ValueError as error:
        raise StepFailed("extract", f"{str(text)[:100]!r}: {error}") from error


@lru_cache(maxsize=1024)
def _cached_search(text: str) -> Read:
    return compile_search(text)


_FIELDS: Mapping[str, Read] = {
    "status_code": attrgetter("status"),
    "proto": attrgetter("proto"),
    "elapsed": attrgetter("elapsed_ms"),
    "body": attrgetter("body"),
    "headers": attrgetter("headers"),
    "cookies": attrgetter("cookies"),
}


def _header(name: str) -> Read:
    return lambda response: response.headers.get(name)


def _body_path(keys: tuple[str | int, ...]) -> Read:
    if len(keys) == 1 and keys[0].__class__ is str:
        return _body_key(keys[0])

    def read(response: ResponseView) -> Any:
        value = response.body
        for key in keys:
            # The plain cases first: a call for each key would cost as much as the rest.
            if value.__class__ is dict:
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int):
                value = value[key] if -len(value) <= key < len(value) else None
            else:
                value = item_of(value, key)
        return value

    return read


def _body_key(key: str | int) -> Read:
    """Return the search for one key of a map, which is the most frequent one."""

    def read(response: ResponseView) -> Any:
        body = response.body
        return body.get(key) if body.__class__ is dict else item_of(body, key)

    return read


def _regex(text: str) -> Read:
    pattern = compile_pattern(text)
    if not pattern.groups:
        raise ValueError("the (.*) in it is no group that could be taken")

    def read(response: ResponseView) -> Any:
        try:
            match = search_by(pattern, response.text)
        except ValueError as error:
            raise StepFailed("extract", f"{text[:100]!r}: {error}") from error
        return match[1] if match else None

    return read
