"""Written values become templates: closures over a scope, made once and run often."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..case.model import Written
from ..errors import CaseError, Place, Problem, StepFailed
from . import syntax
from .functions import Function, Functions
from .text import shortened, to_text

__all__ = ["Functions", "Scope", "Template", "compile_template", "constant_template"]

Scope = Mapping[str, Any]
Render = Callable[[Scope], Any]

_FAILURES = (ArithmeticError, LookupError, OSError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Template:
    """A written value, ready to render; trees of maps and lists keep their shape.

    `render` raises StepFailed (kind template) for a name that the scope does not hold or a
    builtin function that fails. Where `awaits` is true only `render_async` may be used.
    """

    constant: bool
    value: Any
    variables: frozenset[str]
    functions: frozenset[str]
    awaits: bool
    render: Render
    render_async: Callable[[Scope], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Code:
    """One compiled piece; when it `awaits`, `run` returns an awaitable."""

    run: Render
    awaits: bool = False
    constant: bool = False


def compile_template(written: Written, functions: Functions) -> Template:
    """Compile a written value; raises CaseError naming every wrong expression in it."""
    compiler = Compiler(functions, written.place)
    code = compiler.value(written.value)
    if compiler.problems:
        raise CaseError(compiler.problems)
    return _template(code, compiler)


def constant_template(value: Any) -> Template:
    """Return the template of a value that holds no expression."""
    return _template(_constant(value), None)


def _template(code: Code, compiler: Compiler | None) -> Template:
    return Template(
        constant=code.constant,
        value=code.run({}) if code.constant else None,
        variables=frozenset(compiler.variables if compiler else ()),
        functions=frozenset(compiler.functions if compiler else ()),
        awaits=code.awaits,
        render=_must_be_awaited if code.awaits else code.run,
        render_async=code.run if code.awaits else _in_no_time(code.run),
    )


def _must_be_awaited(scope: Scope) -> Any:
    raise TypeError("this template calls a plugin function: use render_async")


def _in_no_time(run: Render) -> Callable[[Scope], Awaitable[Any]]:
    async def render_async(scope: Scope) -> Any:
        return run(scope)

    return render_async


def _constant(value: Any) -> Code:
    return Code(lambda scope: value, constant=True)


@dataclass(slots=True)
class Compiler:
    """Compiles one written value and notes what it reads, calls and gets wrong."""

    known: Functions
    place: Place
    variables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def value(self, value: Any) -> Code:
        if isinstance(value, str):
            return self.text(value, syntax.parse)
        if isinstance(value, dict):
            return self.mapping(value)
        if isinstance(value, list):
            return _listed([self.value(item) for item in value])
        return _constant(value)

    def text(self, text: str, parse: Callable[[str], syntax.Node]) -> Code:
        try:
            return self.node(parse(text))
        except syntax.ExpressionError as error:
            hint = "write $$ for a dollar sign that is only text"
            self.problems.append(Problem(self.place, f"{shortened(text, 80)}: {error}", hint))
            return _constant(text)

    def mapping(self, mapping: Mapping[Any, Any]) -> Code:
        keys = [
            self.text(key, syntax.parse_untrimmed) if isinstance(key, str) else _constant(key)
            for key in mapping
        ]
        values = _listed([self.value(value) for value in mapping.values()])
        names = _listed(keys)
        if names.constant:
            return _mapped(names.run({}), values)
        return _combined([names, values], _zipped)

    def node(self, node: syntax.Node) -> Code:
        match node:
            case syntax.Constant(value):
                return _constant(value)
            case syntax.Variable(name):
                self.variables.add(name)
                return Code(_variable(name, self.place))
            case syntax.Items(items):
                return _listed([self.node(item) for item in items])
            case syntax.Joined(parts):
                return self.joined(parts)
            case syntax.Call():
                return self.call(node)

    def joined(self, parts: tuple[syntax.Node, ...]) -> Code:
        """Compile to one `%` formatting: the text between the tokens is the pattern."""
        pattern = "".join(
            part.value.replace("%", "%%") if isinstance(part, syntax.Constant) else "%s"
            for part in parts
        )
        moving = [self.node(part) for part in parts if not isinstance(part, syntax.Constant)]
        if any(code.awaits for code in moving):
            return _combined(moving, lambda made: pattern % tuple(map(to_text, made)))
        runs = [code.run for code in moving]
        return Code(lambda scope: pattern % tuple([to_text(run(scope)) for run in runs]))

    def call(self, node: syntax.Call) -> Code:
        self.functions.add(node.name)
        function = self.known.find(node.name)
        if function is None:
            hint = self.known.unknown_hint(node.name)
            self.problems.append(Problem(self.place, f"unknown function {node.name}", hint))
            return _constant(None)
        if function.plugin:
            return self.plugin_call(function, node)
        return self.builtin_call(function, node)

    def plugin_call(self, function: Function, node: syntax.Call) -> Code:
        keywords = [item for item in node.arguments if isinstance(item, syntax.Keyword)]
        given = [item for item in node.arguments if not isinstance(item, syntax.Keyword)]
        names = [item.name for item in keywords]
        positional = _listed([self.node(item) for item in given])
        named = _mapped(names, _listed([self.node(item.value) for item in keywords]))
        return _plugin_call(function, positional, named)

    def builtin_call(self, function: Function, node: syntax.Call) -> Code:
        arguments = [
            self.node(item.text if isinstance(item, syntax.Keyword) else item)
            for item in node.arguments
        ]
        try:
            inspect.signature(function.call).bind(*arguments)
        except TypeError as error:
            self.problems.append(Problem(self.place, f"{node.name}(...): {error}"))
        return _builtin_call(function, _listed(arguments))


def _variable(name: str, place: Place) -> Render:
    where = f"{place.key}: " if place.key else ""

    def read(scope: Scope) -> Any:
        try:
            return scope[name]
        except KeyError:
            raise StepFailed("template", f"{where}${name} is not defined") from None

    return read


def _listed(codes: list[Code]) -> Code:
    if all(code.constant for code in codes):
        return _constant([code.run({}) for code in codes])
    if any(code.awaits for code in codes):
        return _combined(codes, lambda made: made)
    runs = [code.run for code in codes]
    return Code(lambda scope: [run(scope) for run in runs])


def _mapped(names: list[Any], values: Code) -> Code:
    if values.constant:
        return _constant(dict(zip(names, values.run({}), strict=True)))
    return _combined([values], lambda made: dict(zip(names, made[0], strict=True)))


def _zipped(made: list[Any]) -> dict[str, Any]:
    names, values = made
    return dict(zip(map(to_text, names), values, strict=True))


def _combined(codes: list[Code], finish: Callable[[list[Any]], Any]) -> Code:
    """Run the pieces in order, awaiting those that ask for it, and finish with their values."""
    if not any(code.awaits for code in codes):
        runs = [code.run for code in codes]
        return Code(lambda scope: finish([run(scope) for run in runs]))
    steps = [(code.run, code.awaits) for code in codes]

    async def run_async(scope: Scope) -> Any:
        return finish([await run(scope) if awaits else run(scope) for run, awaits in steps])

    return Code(run_async, awaits=True)


def _plugin_call(function: Function, positional: Code, named: Code) -> Code:
    name, call = function.name, function.call
    if not positional.awaits and not named.awaits:
        arguments, keywords = positional.run, named.run
        return Code(lambda scope: call(name, arguments(scope), keywords(scope)), awaits=True)
    made = _combined([positional, named], lambda both: both)

    async def run(scope: Scope) -> Any:
        arguments, keywords = await made.run(scope)
        return await call(name, arguments, keywords)

    return Code(run, awaits=True)


def _builtin_call(function: Function, arguments: Code) -> Code:
    call, made = function.call, arguments.run

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
