"""Provide functions of a small plugin, and shortcuts to evaluate expressions."""

from __future__ import annotations

import asyncio
import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from boomtalk.engine.case.model import Project, Validation, Written
from boomtalk.engine.errors import Place, StepFailed
from boomtalk.engine.values.assertions import compile_check
from boomtalk.engine.values.expressions import compile_template
from boomtalk.engine.values.extraction import compile_extraction
from boomtalk.engine.values.functions import Functions
from hypothesis import settings
from multidict import CIMultiDict

# The number of examples is limited; a deadline would test the machine.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

PLACE = Place("case.yml", 7, "login", "request.url")


def anything(*args: Any, **kwargs: Any) -> None:
    """Stand for the signature of a function that takes all arguments."""


def nested(depth: int) -> Any:
    """Return a list in a list in a list: JSON that nests deeper than Python recurses."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


class SmallPlugin:
    """Replaces a debugtalk.py; `calls` lists every call."""

    names = ("echo", "token", "is_even", "asserts", "breaks", "md5")

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Any], dict[str, Any]]] = []

    async def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        self.calls.append((name, list(args), dict(kwargs)))
        if name == "breaks":
            raise StepFailed("plugin_error", "ValueError: broken")
        if name == "is_even":
            return args[0] % 2 == 0
        if name == "asserts":
            return None
        return "t0ken" if name == "token" else [*args, *kwargs.items()]


@pytest.fixture
def plugin() -> SmallPlugin:
    return SmallPlugin()


@pytest.fixture
def functions(plugin: SmallPlugin, tmp_path: Any) -> Functions:
    project = Project(tmp_path, None, {"SECRET": "from .env"})
    signatures = dict.fromkeys(plugin.names, inspect.signature(anything))
    return Functions(signatures, plugin.call, project, random.Random(7))


def written(value: Any) -> Written:
    return Written(value, PLACE)


@pytest.fixture
def write() -> Callable[[Any], Written]:
    return written


@pytest.fixture
def render(functions: Functions) -> Callable[..., Any]:
    """Compile a value as the author wrote it, and render it with the given variables."""

    def render(value: Any, **scope: Any) -> Any:
        template = compile_template(written(value), functions, scope)
        if template.awaits:
            return asyncio.run(_awaited(template.render_async(scope)))
        return template.render(scope)

    return render


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def response(**changes: Any) -> Any:
    """Return a response in the form that extraction gets."""
    given: dict[str, Any] = {
        "status": 200,
        "proto": "HTTP/1.1",
        "headers": CIMultiDict({"Content-Type": "application/json", "X-Request-Id": "r1"}),
        "cookies": {"sid": "11", "my-sid": "22", "ASP.NET_SessionId": "33"},
        "elapsed_ms": 12.5,
        "body": {},
        "text": "",
    }
    return SimpleNamespace(**given | changes)


@pytest.fixture
def extract(functions: Functions) -> Callable[..., Any]:
    """Extract by an expression from a response with the given body (or other fields)."""

    def extract(written_text: Any, body: Any = None, scope: Any = None, **changes: Any) -> Any:
        extraction = compile_extraction(written(written_text), functions)
        seen = response(body=body, **changes)
        if extraction.awaits:
            return asyncio.run(_awaited(extraction.value_async(seen, scope or {})))
        return extraction.value(seen, scope or {})

    return extract


@pytest.fixture
def check(functions: Functions) -> Callable[..., None]:
    """Run one check of `validate` on a response with the given body (or other fields)."""

    def check(
        what: Any, assertion: str, expect: Any, body: Any = None, scope: Any = None, **changes: Any
    ) -> None:
        validation = Validation(written(what), assertion, written(expect), "as agreed")
        compiled = compile_check(validation, functions)
        seen = response(body=body, **changes)
        if compiled.awaits:
            asyncio.run(_awaited(compiled.run_async(seen, scope or {})))
        else:
            compiled.run(seen, scope or {})

    return check
