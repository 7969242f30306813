"""This module makes the pieces of compiled expressions: closures over a scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from ..errors import Place, StepFailed
from .functions import Function
from .text import shortened, to_text

Scope = Mapping[str, Any]
Render = Callable[[Scope], Any]

_FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


class Code(Struct, frozen=True):
    """One compiled piece; when it `awaits`, `run` returns an awaitable."""

    run: Render
    awaits: bool = False
    constant: bool = False


def constant(value: Any) -> Code:
    return Code(lambda scope: value, constant=True)


def variable(name: str, place: Place) -> Code:
    where = f"{place.key}: " if place.key else ""

    def read(scope: Scope) -> Any:
        try:
            return scope[name]
        except KeyError:
            raise StepFailed("template", f"{where}${name} is not defined") from None

    return Code(read)


def listed(codes: list[Code]) -> Code:
    if all(code.constant for code in codes):
        return constant([code.run({}) for code in codes])
    if any(code.awaits for code in codes):
        return _combined(codes, lambda made: made)
    runs = [code.run for code in codes]
    return Code(lambda scope: [run(scope) for run in runs])


def mapped(names: list[Any], values: list[Code]) -> Code:
    if any(code.awaits for code in values):
        return _combined(values, lambda made: dict(zip(names, made, strict=True)))
    pairs = [(name, code.run) for name, code in zip(names, values, strict=True)]
    if all(code.constant for code in values):
        return constant({name: run({}) for name, run in pairs})
    return Code(lambda scope: {name: run(scope) for name, run in pairs})


def mapped_late(names: Code, values: Code) -> Code:
    """A map whose names are only known at run time."""
    return _combined([names, values], _zipped)


def _zipped(made: list[Any]) -> dict[str, Any]:
    names, values = made
    return dict(zip(map(to_text, names), values, strict=True))


def formatted(pattern: str, codes: list[Code]) -> Code:
    """Put the values' texts in the places of a `%` pattern."""
    if any(code.awaits for code in codes):
        return _combined(codes, lambda made: pattern % tuple(map(to_text, made)))
    runs = [code.run for code in codes]
    if len(runs) == 1:
        return _formatted_one(pattern, runs[0])

    def run(scope: Scope) -> str:
        made = [run(scope) for run in runs]
        # Most values are texts already: a call for each would cost as much as the rest.
        return pattern % tuple([x if x.__class__ is str else to_text(x) for x in made])

    return Code(run)


def _formatted_one(pattern: str, made: Render) -> Code:
    def run(scope: Scope) -> str:
        value = made(scope)
        return pattern % (value if value.__class__ is str else to_text(value))

    return Code(run)


def _combined(codes: list[Code], finish: Callable[[list[Any]], Any]) -> Code:
    """Run the pieces in order, awaiting those that ask for it, and finish with their values."""
    if not any(code.awaits for code in codes):
        runs = [code.run for code in codes]
        return Code(lambda scope: finish([run(scope) for run in runs]))
    steps = [(code.run, code.awaits) for code in codes]

    async def run_async(scope: Scope) -> Any:
        return finish([await run(scope) if awaits else run(scope) for run, awaits in steps])

    return Code(run_async, awaits=True)


def plugin_call(function: Function, positional: Code, named: Code, watched: int = -1) -> Code:
    """Call a plugin function; `watched` is the argument to give back if the function changes it."""
    name, call = function.name, function.call
    if watched >= 0:
        call = partial(call, watched=watched)
    if not positional.awaits and not named.awaits:
        arguments, keywords = positional.run, named.run
        return Code(lambda scope: call(name, arguments(scope), keywords(scope)), awaits=True)
    made = _combined([positional, named], lambda both: both)

    async def run(scope: Scope) -> Any:
        arguments, keywords = await made.run(scope)
        return await call(name, arguments, keywords)

    return Code(run, awaits=True)


def builtin_call(function: Function, arguments: Code, named: Code | None = None) -> Code:
    call = function.call
    if named is not None:
        arguments, plain = listed([arguments, named]), function.call
        call = lambda positional, keywords: plain(*positional, **keywords)  # noqa: E731
    made = arguments.run

    def run(scope: Scope) -> Any:
        given = made(scope)
        try:
            return call(*given)
        except _FAILURES as error:
            raise _failed(function, given, error) from error

    async def run_async(scope: Scope) -> Any:
        given = await made(scope) if arguments.awaits else made(scope)
        try:
            return await call(*given) if function.awaits else call(*given)
        except _FAILURES as error:
            raise _failed(function, given, error) from error

    awaits = arguments.awaits or function.awaits
    return Code(run_async if awaits else run, awaits=awaits)


def _failed(function: Function, arguments: list[Any], error: Exception) -> StepFailed:
    given = ", ".join(shortened(argument, 50) for argument in arguments)
    return StepFailed("template", f"{function.name}({given}): {error}")
