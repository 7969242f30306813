"""Parsers of flag values; a value that they refuse is a usage error."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import typer
from boomtalk.engine.load import parsing
from boomtalk.engine.measure.thresholds import parse_threshold

T = TypeVar("T")


def refusing(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return the parser with its ValueError as a usage error."""

    @wraps(parse)
    def parse_flag(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return parse_flag


duration = refusing(parsing.parse_duration)
rate = refusing(parsing.parse_rate)
number = refusing(parsing.parse_number)
size = refusing(parsing.parse_size)
stage = refusing(parsing.parse_stage)
increase = refusing(parsing.parse_increase)
threshold = refusing(parse_threshold)


def choice(*words: str) -> Callable[[str], str]:
    """Return a parser that takes one of these words."""

    @refusing
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"is {', '.join(words[:-1])} or {words[-1]}, not {text!r}")
        return text

    return parse


# HttpRunner's names of levels that are called otherwise here.
_LEVELS = {"warn": "warning", "fatal": "error", "panic": "error", "trace": "debug"}


def level(*names: str) -> Callable[[str], str]:
    """Return a parser that takes one of these levels, in capitals too as HttpRunner has them."""
    one_of = choice(*names)
    return lambda text: one_of(_LEVELS.get(text.lower(), text.lower()))


@refusing
def pair(text: str) -> str:
    if "=" not in text:
        raise ValueError(f"write it as KEY=VALUE, not {text!r}")
    return text


def pairs(texts: list[str] | None) -> dict[str, str]:
    """Return the map that `K=V` flags spell."""
    return dict(text.split("=", 1) for text in texts or ())


@refusing
def header(text: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        raise ValueError(f"not the name of a header: {text!r}")
    return text


@refusing
def base_url(text: str) -> str:
    if text and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]", text):
        raise ValueError(f"not a URL: {text!r}; write http://{text.lstrip(':/')}")
    return text


@refusing
def proxy(text: str) -> str:
    scheme, mark, host = text.partition("://")
    if not mark:
        return f"http://{text}"
    if scheme != "http" or not host:
        raise ValueError(f"only http:// proxies can be used, not {text!r}")
    return text


@refusing
def share(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?%", text):
        raise ValueError(f"write it as 10%, not {text!r}")
    return float(text[:-1]) / 100


@refusing
def address(text: str) -> str:
    if not re.fullmatch(r"(?:(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):)?\d{1,5}", text):
        raise ValueError(f"write it as PORT or HOST:PORT, not {text!r}")
    if int(text.rpartition(":")[2]) > 65535:
        raise ValueError(f"there is no port {text.rpartition(':')[2]}")
    return text


@refusing
def gateway(text: str) -> str:
    url = text if "://" in text else f"http://{text}"
    if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", url):
        raise ValueError(f"write it as http://HOST:PORT, not {text!r}")
    return url


@refusing
def pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
