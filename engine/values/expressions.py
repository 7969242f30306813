"""This module compiles written values to templates: closures over a scope, run often."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ..case.model import Written
from ..errors import CaseError, Place, Problem
from . import syntax
from .closures import (
    Code,
    Render,
    Scope,
    builtin_call,
    constant,
    formatted,
    listed,
    mapped,
    mapped_late,
    plugin_call,
    variable,
)
from .functions import Functions
from .text import shortened

__all__ = ["Functions", "Scope", "Template", "compile_template", "found"]


class Template(Struct, frozen=True):
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


def compile_template(
    written: Written,
    functions: Functions,
    names: Collection[str] = (),
    watched: Collection[str] = (),
) -> Template:
    """Compile a written value; raises CaseError naming every wrong expression in it.

    `names` are those that the scope is known to hold. A plugin function that is given one of the
    `watched` variables and changes it gives it back: the hooks of HttpRunner 3 did so.
    """
    compiler = Compiler(functions, written.place, names, watched)
    code = compiler.value(written.value)
    if compiler.problems:
        raise CaseError(compiler.problems)
    return _template(code, compiler)


def found(name: str) -> Template:
    """Return a template whose value somebody has put into the scope under this name."""
    take = operator.itemgetter(name)
    return Template(False, None, frozenset({name}), frozenset(), False, take, _in_no_time(take))


def _template(code: Code, compiler: Compiler) -> Template:
    return Template(
        constant=code.constant,
        value=code.run({}) if code.constant else None,
        variables=frozenset(compiler.variables),
        functions=frozenset(compiler.functions),
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


class Compiler(Struct):
    """Compiles one written value and notes what it reads, calls and gets wrong."""

    known: Functions
    place: Place
    names: Collection[str]
    watched: Collection[str]
    variables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def value(self, value: Any) -> Code:
        if isinstance(value, str):
            return self.text(value, syntax.parse)
        if isinstance(value, dict):
            return self.mapping(value)
        if isinstance(value, list):
            return listed([self.value(item) for item in value])
        return constant(value)

    def text(self, text: str, parse: Callable[[str], syntax.Node]) -> Code:
        try:
            return self.node(parse(text))
        except syntax.ExpressionError as error:
            hint = "write $$ for a dollar sign that is only text"
            self.problems.append(Problem(self.place, f"{shortened(text, 80)}: {error}", hint))
            return constant(text)

    def mapping(self, mapping: Mapping[Any, Any]) -> Code:
        keys = [
            self.text(key, syntax.parse_untrimmed) if isinstance(key, str) else constant(key)
            for key in mapping
        ]
        values = [self.value(value) for value in mapping.values()]
        if all(key.constant for key in keys):
            return mapped([key.run({}) for key in keys], values)
        return mapped_late(listed(keys), listed(values))

    def node(self, node: syntax.Node) -> Code:
        match node:
            case syntax.Constant(value):
                return constant(value)
            case syntax.Variable(name, front):
                if front in self.names and name not in self.names:
                    rest = syntax.Constant(name.removeprefix(front))
                    return self.joined((syntax.Variable(front), rest))
                self.variables.add(name)
                return variable(name, self.place)
            case syntax.Items(items):
                return listed([self.node(item) for item in items])
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
        return formatted(pattern, moving)

    def call(self, node: syntax.Call) -> Code:
        self.functions.add(node.name)
        function = self.known.find(node.name)
        if function is None:
            hint = self.known.unknown_hint(node.name)
            self.problems.append(Problem(self.place, f"unknown function {node.name}", hint))
            return constant(None)
        keywords = [
            item
            for item in node.arguments
            if isinstance(item, syntax.Keyword) and function.takes_keyword(item.name)
        ]
        arguments = [item for item in node.arguments if item not in keywords]
        names = [item.name for item in keywords]
        if misfit := function.misfit(len(arguments), names):
            self.problems.append(Problem(self.place, misfit))
        positional = listed([self.argument(item) for item in arguments])
        named = mapped(names, [self.node(item.value) for item in keywords])
        if not function.plugin:
            return builtin_call(function, positional, named if names else None)
        return plugin_call(function, positional, named, self.watched_among(arguments))

    def argument(self, item: syntax.Node | syntax.Keyword) -> Code:
        """Compile an argument; `name=value` is a text where the function has no such name."""
        if isinstance(item, syntax.Keyword):
            return self.text(item.source, syntax.parse_untrimmed)
        return self.node(item)

    def watched_among(self, arguments: Sequence[syntax.Node | syntax.Keyword]) -> int:
        """Return the position of the first argument that is a watched variable, or -1."""
        positions = (
            position
            for position, item in enumerate(arguments)
            if isinstance(item, syntax.Variable) and item.name in self.watched
        )
        return next(positions, -1)
