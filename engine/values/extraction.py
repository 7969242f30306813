"""What is read out of a response: by field, path, JMESPath or regular expression.

Whether a text is searched is decided by what the author wrote, never by a value that a
variable happens to hold.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import jmespath
from jmespath.exceptions import JMESPathError

from ..case.model import Written
from ..errors import CaseError, Problem, StepFailed
from .expressions import Scope, Template, compile_template
from .functions import Functions

_FIELD = r"(?:proto|status_code|headers|cookies|body|elapsed)\b"
_SEARCHED = re.compile(rf"(?:(?:[a-z_]+\(|[\[{{(!&]).*?\b)?{_FIELD}", re.DOTALL)
_OLD_PREFIX = re.compile(r"\A(?:content|json)(?=[.\[])")
_IDENTIFIER = r"(?:[A-Za-z_]\w*|\"[^\"\\]+\")"
_PATH = re.compile(rf"body((?:\.{_IDENTIFIER}|\[-?[0-9]{{1,9}}\])*)", re.ASCII)
_PATH_PART = re.compile(r"\.\"([^\"]+)\"|\.(\w+)|\[(-?[0-9]+)\]", re.ASCII)
_HEADER = re.compile(r"headers\.(?:\"([^\"\\]+)\"|([\w-]+))", re.ASCII)
_BARE_HEADER = re.compile(r"\bheaders\.(\w*-[\w-]*)", re.ASCII)
_COOKIE = re.compile(rf"cookies\.({_IDENTIFIER})", re.ASCII)


class ResponseView(Protocol):
    """What extraction reads of a response.

    `headers` finds names in any letter case; `body` is decoded JSON, else the text.
    """

    @property
    def status(self) -> int: ...
    @property
    def proto(self) -> str: ...
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


@dataclass(frozen=True, slots=True)
class Extraction:
    """A compiled extraction; a path that leads nowhere gives None.

    `value` raises StepFailed (kind extract) only where evaluation is impossible. Where
    `awaits` is true only `value_async` may be used.
    """

    text: str
    searches: bool
    awaits: bool
    variables: frozenset[str]
    functions: frozenset[str]
    value: Callable[[ResponseView, Scope], Any]
    value_async: Callable[[ResponseView, Scope], Awaitable[Any]]


def compile_extraction(written: Written, functions: Functions) -> Extraction:
    """Compile an `extract` value or a `check`; raises CaseError for a bad expression."""
    text = written.value.strip() if isinstance(written.value, str) else written.value
    template = compile_template(written, functions)
    if not isinstance(text, str) or not is_search(text):
        return _extraction(str(text), template, lambda value: lambda response: value)
    if not template.constant:
        return _extraction(text, template, _late_search, searches=True)
    try:
        read = compile_search(text)
    except ValueError as error:
        raise CaseError([Problem(written.place, f"{text!r}: {error}")]) from error
    return _extraction(text, template, lambda value: read, searches=True)


def is_search(text: str) -> bool:
    """Say whether the author's text asks for a part of the response."""
    return "(.*)" in text or bool(_SEARCHED.match(_from_root(text)))


def compile_search(text: str) -> Read:
    """Compile a search without expressions; raises ValueError saying what is wrong."""
    if "(.*)" in text:
        return _regex(text)
    path = _modern(text)
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
        return _body_path(_path_keys(body[1]))
    return _jmespath(path)


def _extraction(
    text: str, template: Template, compiled: Callable[[Any], Read], *, searches: bool = False
) -> Extraction:
    """Combine the template of the text with the search that its value asks for."""
    render, render_async = template.render, template.render_async

    def value(response: ResponseView, scope: Scope) -> Any:
        return compiled(render(scope))(response)

    async def value_async(response: ResponseView, scope: Scope) -> Any:
        return compiled(await render_async(scope))(response)

    if template.constant:
        read = compiled(template.value)
        value = lambda response, scope: read(response)  # noqa: E731
    return Extraction(
        text,
        searches,
        template.awaits,
        template.variables,
        template.functions,
        value,
        value_async,
    )


def _late_search(text: Any) -> Read:
    try:
        return _cached_search(str(text))
    except ValueError as error:
        raise StepFailed("extract", f"{text}: {error}") from error


@lru_cache(maxsize=1024)
def _cached_search(text: str) -> Read:
    return compile_search(text)


def _modern(text: str) -> str:
    """Rewrite the older spellings: `content.x`, `json.x`, header names without quotes."""
    return _BARE_HEADER.sub(r'headers."\1"', _from_root(text))


def _from_root(text: str) -> str:
    """Begin with the name of a field: JMESPath's `@` is the response itself."""
    return _OLD_PREFIX.sub("body", text.removeprefix("@."))


_FIELDS: Mapping[str, Read] = {
    "status_code": lambda response: response.status,
    "proto": lambda response: response.proto,
    "elapsed": lambda response: response.elapsed_ms,
    "body": lambda response: response.body,
    "headers": lambda response: response.headers,
    "cookies": lambda response: response.cookies,
}


def _header(name: str) -> Read:
    return lambda response: response.headers.get(name)


def _path_keys(text: str) -> tuple[str | int, ...]:
    parts = _PATH_PART.findall(text)
    return tuple(int(index) if index else quoted or plain for quoted, plain, index in parts)


def _body_path(keys: tuple[str | int, ...]) -> Read:
    def read(response: ResponseView) -> Any:
        value = response.body
        for key in keys:
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int):
                value = value[key] if -len(value) <= key < len(value) else None
            else:
                return None
        return value

    return read


def _regex(text: str) -> Read:
    try:
        search = re.compile(text).search
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error

    def read(response: ResponseView) -> Any:
        match = search(response.text)
        return match[1] if match else None

    return read


class _Fields:
    """The response as JMESPath sees it: fields are made only when they are asked for."""

    def __init__(self, response: ResponseView) -> None:
        self.response = response

    def get(self, name: str) -> Any:
        read = _FIELDS.get(name)
        return read(self.response) if read else None


def _jmespath(text: str) -> Read:
    try:
        search = jmespath.compile(text).search
    except JMESPathError as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"not a JMESPath expression: {reason}") from error

    def read(response: ResponseView) -> Any:
        try:
            return search(_Fields(response))
        except (JMESPathError, ArithmeticError, TypeError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise StepFailed("extract", f"{text}: {reason}") from error

    return read
