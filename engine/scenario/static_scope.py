"""What is known before anything runs: the functions, and the names that will be defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..case.model import Hook, Step, Validation, Written
from ..errors import CaseError, Place, Problem
from ..request.url import is_absolute
from ..values.assertions import Check, compile_check
from ..values.expressions import Functions, Template, compile_template
from ..values.extraction import Extraction, compile_extraction
from ..values.functions import meant
from ..values.text import to_text
from ..values.variables import Variables, compile_variables
from .hooks import CompiledHook

T = TypeVar("T")


@dataclass(slots=True)
class StaticScope:
    """Compiles expressions of one scope; what is wrong with them is kept in `problems`.

    An open one has variables whose names show only at run time: there, no name is a problem.
    """

    functions: Functions
    known: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    is_open: bool = False

    def inner(self, names: Iterable[str]) -> StaticScope:
        """Return a scope that knows more names and reports to the same list."""
        return StaticScope(self.functions, self.known | set(names), self.problems, self.is_open)

    def within(self, step: Step) -> StaticScope:
        """Return the scope that knows the step's variables, too."""
        inner = self.inner(step.variables)
        inner.is_open |= step.variables_from is not None
        return inner

    def template(self, written: Written) -> Template | None:
        template = self.attempt(lambda: compile_template(written, self.functions))
        if template is not None:
            self._require(template.variables, written.place)
        return template

    def templates(self, written: Mapping[str, Written]) -> dict[str, Template]:
        compiled = ((name, self.template(value)) for name, value in written.items())
        return {name: template for name, template in compiled if template is not None}

    def variables(self, step: Step) -> Variables:
        known = None if self.is_open else self.known
        found = self.attempt(
            lambda: compile_variables(step.variables, self.functions, known, step.variables_from)
        )
        return found or compile_variables({}, self.functions, ())

    def hooks(self, hooks: Iterable[Hook]) -> list[CompiledHook]:
        """Compile hooks in order: each knows the variables that the ones before it set."""
        compiled = []
        for hook in hooks:
            if (call := self.template(hook.call)) is not None:
                compiled.append(CompiledHook(call, hook.assign))
            if hook.assign is not None:
                self.known.add(hook.assign)
        return compiled

    def extractions(self, written: Mapping[str, Written]) -> dict[str, Extraction]:
        """Compile extractions in order: each may use the ones before it."""
        compiled = {}
        for name, value in written.items():
            found = self._extraction(value)
            if found is not None:
                compiled[name] = found
            self.known.add(name)
        return compiled

    def checks(self, validations: Iterable[Validation]) -> list[Check]:
        found = (self._check(one) for one in validations)
        return [check for check in found if check is not None]

    def url(self, written: Written) -> Template | None:
        """Compile a URL; one that is relative needs a base from somewhere."""
        template = self.template(written)
        has_base = self.is_open or "base_url" in self.known
        if template is not None and template.constant and not has_base:
            text = to_text(template.value)
            if not is_absolute(text):
                hint = "write config.base_url, or give --base-url"
                problem = f"{text!r} is a relative URL and there is no base_url"
                self.problems.append(Problem(written.place, problem, hint))
        return template

    def attempt(self, make: Callable[[], T]) -> T | None:
        """Return what `make` returns; None if it finds problems, which are kept."""
        try:
            return make()
        except CaseError as error:
            self.problems.extend(error.problems)
            return None

    def _extraction(self, written: Written) -> Extraction | None:
        found = self.attempt(lambda: compile_extraction(written, self.functions))
        if found is not None:
            self._require(found.variables, written.place)
        return found

    def _check(self, validation: Validation) -> Check | None:
        found = self.attempt(lambda: compile_check(validation, self.functions))
        if found is not None:
            self._require(found.variables, validation.check.place)
        return found

    def _require(self, names: Iterable[str], place: Place) -> None:
        if self.is_open:
            return
        for name in sorted(set(names) - self.known):
            hint = meant(name, self.known) or "define it under variables, or extract it before"
            self.problems.append(Problem(place, f"${name} is not defined", hint))
