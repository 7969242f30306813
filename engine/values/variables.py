"""A group of variables that may refer to each other: the order is decided once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..case.hints import meant
from ..case.model import Written
from ..errors import CaseError, Problem
from .expressions import Template, compile_template
from .functions import Functions


@dataclass(frozen=True, slots=True)
class Variables:
    """Templates by name, in an order in which each finds what it refers to.

    `reads` are the names that the surrounding scope must hold.
    """

    entries: tuple[tuple[str, Template], ...]
    awaits: bool
    reads: frozenset[str]
    functions: frozenset[str]

    async def evaluate(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of `scope` with every variable set; raises StepFailed if one fails."""
        filled = dict(scope)
        for name, template in self.entries:
            filled[name] = (
                await template.render_async(filled) if template.awaits else template.render(filled)
            )
        return filled


def compile_variables(
    written: Mapping[str, Written], functions: Functions, known: Collection[str] | None = None
) -> Variables:
    """Compile variables and order them; raises CaseError with every problem found.

    `known` are the names the surrounding scope will hold; None leaves unknown names to run
    time. An entry that only names itself keeps the value of the surrounding scope.
    """
    problems: list[Problem] = []
    templates: dict[str, Template] = {}
    for name, value in written.items():
        try:
            template = compile_template(value, functions)
        except CaseError as error:
            problems.extend(error.problems)
            continue
        templates[name] = template
    inherited = {name for name in templates if _only_names_itself(name, written[name])}
    if known is not None:
        defined = {*known, *written} - (inherited - {*known})
        problems += _unknown(written, templates, defined)
    templates = {name: one for name, one in templates.items() if name not in inherited}
    problems += _self_references(written, templates)
    order = _order(written, templates, problems)
    if problems:
        raise CaseError(problems)
    return _variables([(name, templates[name]) for name in order])


def _variables(entries: list[tuple[str, Template]]) -> Variables:
    own = {name for name, _ in entries}
    return Variables(
        entries=tuple(entries),
        awaits=any(template.awaits for _, template in entries),
        reads=frozenset().union(*(template.variables for _, template in entries)) - own,
        functions=frozenset().union(*(template.functions for _, template in entries)),
    )


def _only_names_itself(name: str, written: Written) -> bool:
    text = written.value
    return isinstance(text, str) and text.strip() in (f"${name}", f"${{{name}}}")


def _self_references(
    written: Mapping[str, Written], templates: Mapping[str, Template]
) -> list[Problem]:
    return [
        Problem(written[name].place, f"variable {name} refers to itself", "use another name")
        for name, template in templates.items()
        if name in template.variables
    ]


def _unknown(
    written: Mapping[str, Written], templates: Mapping[str, Template], defined: Collection[str]
) -> list[Problem]:
    return [
        Problem(written[name].place, f"${missing} is not defined", meant(missing, defined))
        for name, template in templates.items()
        for missing in sorted(template.variables.difference(defined))
    ]


def _order(
    written: Mapping[str, Written], templates: Mapping[str, Template], problems: list[Problem]
) -> list[str]:
    """Sort by dependency, else in the author's order; a cycle becomes a problem."""
    left = dict(templates)
    order: list[str] = []
    while left:
        ready = [name for name, one in left.items() if not one.variables & left.keys() - {name}]
        if not ready:
            circle = _circle(left)
            told = " -> ".join([*circle, circle[0]])
            problems.append(Problem(written[circle[0]].place, f"circular reference: {told}"))
            return order
        order += ready
        for name in ready:
            del left[name]
    return order


def _circle(templates: Mapping[str, Template]) -> list[str]:
    """Follow references until one comes back; each of these templates has one to follow."""
    trail = [next(iter(templates))]
    while True:
        name = trail[-1]
        following = min(templates[name].variables & templates.keys() - {name})
        if following in trail:
            return trail[trail.index(following) :]
        trail.append(following)
