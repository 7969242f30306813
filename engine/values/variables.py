"""This module compiles a group of variables that may refer to each other, in their order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from ..case.hints import meant
from ..case.model import Written
from ..errors import CaseError, Place, Problem, StepFailed
from .expressions import Template, compile_template
from .extraction import marked
from .functions import Functions
from .text import shortened

_NONE: frozenset[str] = frozenset()


class GivenMap(Struct, frozen=True):
    """One expression that gives variables by name: names and values are data."""

    template: Template
    place: Place

    async def evaluate(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Return the map; raises StepFailed if the expression fails or gives something else."""
        given = await self.template.render_async(scope)
        if not isinstance(given, dict):
            what = f"must give a map of variables, not {shortened(given, 80)}"
            raise StepFailed("template", f"{self.place}: {what}")
        return given


class Variables(Struct, frozen=True):
    """Templates by name, in an order in which each finds what it refers to.

    They win over those of the `given` map, except for those that are `yielding`, and may refer
    to them. `reads` are the names that the map or the surrounding scope must hold.
    """

    entries: tuple[tuple[str, Template], ...]
    awaits: bool
    reads: frozenset[str]
    functions: frozenset[str]
    given: GivenMap | None = None
    yielding: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether evaluation changes nothing."""
        return not self.entries and self.given is None

    @property
    def is_constant(self) -> bool:
        """Whether every evaluation sets the same values."""
        return self.given is None and all(template.constant for _, template in self.entries)

    async def evaluate(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of `scope` with every variable set; raises StepFailed if one fails."""
        if not self.awaits:
            return self.evaluate_now(scope)
        filled, kept = dict(scope), _NONE
        if self.given is not None:
            given = await self.given.evaluate(scope)
            filled.update(given)
            kept = self.yielding & given.keys()
        for name, template in self.entries:
            if name in kept:
                continue
            filled[name] = (
                await template.render_async(filled) if template.awaits else template.render(filled)
            )
        return filled

    def evaluate_now(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Do what `evaluate` does where it awaits nothing."""
        filled = dict(scope)
        for name, template in self.entries:
            filled[name] = template.render(filled)
        return filled


def compile_variables(
    written: Mapping[str, Written],
    functions: Functions,
    known: Collection[str] | None = None,
    map_from: Written | None = None,
    last: Mapping[str, Written] = MappingProxyType({}),
    yielding: frozenset[str] = frozenset(),
) -> Variables:
    """Compile variables and order them; raises CaseError with every problem found.

    `known` are the names the surrounding scope will hold; None leaves unknown names to run
    time, and so does `map_from`, an expression that gives a map of more variables; it beats the
    names in `yielding`. An entry that only names itself keeps the value of the surrounding scope.
    Those in `last` are set after all others, and may refer to one of their own name.
    """
    problems: list[Problem] = []
    given = None
    if map_from is not None:
        given = _given_map(map_from, functions, known, problems)
    names = {*(known or ()), *written}
    templates = _compiled(written, functions, names, problems)
    finals = _compiled(last, functions, names, problems)
    if map_from is not None:
        known = None
    inherited = {name for name in templates if _only_names_itself(name, written[name])}
    if known is not None:
        defined = {*known, *written} - (inherited - {*known})
        problems += _unknown(written, templates, defined) + _unknown(last, finals, defined)
    templates = {name: one for name, one in templates.items() if name not in inherited}
    problems += _self_references(written, templates)
    order = _order(written, templates, problems)
    if problems:
        raise CaseError(problems)
    return _variables(
        [*((name, templates[name]) for name in order), *finals.items()], given, yielding
    )


def _compiled(
    written: Mapping[str, Written],
    functions: Functions,
    names: Collection[str],
    problems: list[Problem],
) -> dict[str, Template]:
    """Return the template of each variable that has one; what is wrong goes to `problems`."""
    templates = {}
    for name, value in written.items():
        try:
            templates[name] = marked(compile_template(value, functions, names), value)
        except CaseError as error:
            problems.extend(error.problems)
    return templates


def _given_map(
    written: Written, functions: Functions, known: Collection[str] | None, problems: list[Problem]
) -> GivenMap | None:
    try:
        template = compile_template(written, functions, known or ())
    except CaseError as error:
        problems.extend(error.problems)
        return None
    if template.constant:
        what = f"must be a map, or an expression that gives one, not {template.value!r}"
        problems.append(Problem(written.place, what))
    if known is not None:
        problems += _unknown({"": written}, {"": template}, known)
    return GivenMap(template, written.place)


def _variables(
    entries: list[tuple[str, Template]], given: GivenMap | None, yielding: frozenset[str]
) -> Variables:
    own = {name for name, _ in entries}
    templates = [template for _, template in entries]
    if given is not None:
        templates.append(given.template)
    return Variables(
        entries=tuple(entries),
        awaits=given is not None or any(template.awaits for template in templates),
        reads=frozenset().union(*(template.variables for template in templates)) - own,
        functions=frozenset().union(*(template.functions for template in templates)),
        given=given,
        yielding=yielding,
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
        Problem(written[name].place, f"${missing} is not defined", _hint(missing, defined))
        for name, template in templates.items()
        for missing in sorted(template.variables.difference(defined))
    ]


def _hint(name: str, defined: Collection[str]) -> str:
    return meant(name, defined) or "$$ is a dollar sign"


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
