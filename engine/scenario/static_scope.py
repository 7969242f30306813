"""Check names, functions and constant texts of a step before the run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from ..case.model import Hook, Step, Validation, Written
from ..case.searches import is_search_anywhere
from ..errors import CaseError, Place, Problem, StepFailed
from ..request.upload import form_of
from ..request.url import is_absolute, resolve
from ..values.assertions import Check, compile_check
from ..values.expressions import Functions, Template, compile_template
from ..values.extraction import Extraction, compile_extraction, constant_search
from ..values.functions import meant
from ..values.syntax import sole_variable
from ..values.text import to_text
from ..values.variables import Variables, compile_variables
from .hooks import CompiledHook

T = TypeVar("T")
# Joins a base and a URL; raises StepFailed if they do not fit.
Join = Callable[[str, str], Any]
_UNDEFINED = "define it under variables, or extract it before; $$ is a dollar sign"


class StaticScope(Struct):
    """Compiles the expressions of one scope, and collects their mistakes in `problems`.

    `constants` are the texts of variables that have the author's text as their value and are
    not assigned again. In an open scope some names are known only at run time, so that an
    unknown name is not reported. `elsewhere` has names that other steps know, and the reason
    why they are unknown here.
    """

    functions: Functions
    known: set[str] = field(default_factory=set)
    constants: dict[str, Written] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_open: bool = False
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def define(self, names: Iterable[str], written: Mapping[str, Written] | None = None) -> None:
        """Add names, and the texts of those in `written` that contain no expression."""
        for name in names:
            self.known.add(name)
            self.constants.pop(name, None)
        for name, one in (written or {}).items():
            if isinstance(one.value, str) and "$" not in one.value:
                self.constants[name] = one

    def inner(
        self, names: Iterable[str], written: Mapping[str, Written] | None = None
    ) -> StaticScope:
        """Return a scope that knows more names; it collects problems in the same list."""
        inner = replace(self, known=set(self.known), constants=dict(self.constants))
        inner.define(names, written)
        return inner

    def within(self, step: Step) -> StaticScope:
        """Return a scope that also knows the variables of a step."""
        inner = self.inner(step.variables, step.variables)
        if step.variables_from is not None:
            inner.is_open = True
            inner.constants.clear()
        return inner

    def template(self, written: Written, watched: Collection[str] = ()) -> Template | None:
        template = self.attempt(
            lambda: compile_template(written, self.functions, self.known, watched)
        )
        if template is not None:
            self._require(template.variables, written.place)
        return template

    def optional(self, written: Written | None) -> Template | None:
        return self.template(written) if written is not None else None

    def map_from(self, written: Written | None) -> Template | None:
        """Compile an expression that must give a map."""
        template = self.optional(written)
        if written is not None and template is not None and template.constant:
            what = f"must be a map, or an expression that gives one, not {template.value!r}"
            self.problems.append(Problem(written.place, what))
        return template

    def templates(self, written: Mapping[str, Written]) -> dict[str, Template]:
        compiled = ((name, self.template(value)) for name, value in written.items())
        return {name: template for name, template in compiled if template is not None}

    def uploads(self, written: Mapping[str, Written]) -> dict[str, Template]:
        """Compile the fields of an upload; a file with a constant name must exist."""
        templates = self.templates(written)
        for name, template in templates.items():
            if template.constant:
                self._try(
                    written[name].place,
                    form_of,
                    {name: template.value},
                    self.functions.project.root,
                    frozenset({name}),
                )
        return templates

    def variables(self, step: Step) -> Variables:
        known = None if self.is_open else self.known
        found = self.attempt(
            lambda: compile_variables(step.variables, self.functions, known, step.variables_from)
        )
        return found or compile_variables({}, self.functions, ())

    def hooks(self, hooks: Iterable[Hook], watched: Collection[str]) -> list[CompiledHook]:
        """Compile hooks in order: each knows the variables that the ones before it set.

        A hook that changes one of the `watched` variables in place gives it back.
        """
        compiled = []
        for hook in hooks:
            if (call := self.template(hook.call, watched)) is not None:
                compiled.append(CompiledHook(call, hook.assign))
            if hook.assign is not None:
                self.define([hook.assign])
        return compiled

    def extractions(self, written: Mapping[str, Written]) -> dict[str, Extraction]:
        """Compile extractions in order; each may use the earlier ones."""
        compiled = {}
        for name, value in written.items():
            found = self._extraction(value)
            if found is not None:
                compiled[name] = found
            self.define([name])
        return compiled

    def checks(self, validations: Iterable[Validation]) -> list[Check]:
        found = (self._check(one) for one in validations)
        return [check for check in found if check is not None]

    def url(
        self, written: Written, base_url: Written | None = None, join: Join = resolve
    ) -> Template | None:
        """Compile a URL; a relative one needs a base URL, the step's own or the case's."""
        if base_url is not None:
            return self.inner(("base_url",), {"base_url": base_url}).url(written, join=join)
        template = self.template(written)
        if template is not None and template.constant:
            self._check_url(to_text(template.value), written.place, join)
        elif template is not None and str(written.value).lstrip().startswith("/"):
            self._check_url("/", written.place, join)
        return template

    def attempt(self, make: Callable[[], T]) -> T | None:
        """Call `make` and return its result; if it raises CaseError, keep the problems."""
        try:
            return make()
        except CaseError as error:
            self.problems.extend(error.problems)
            return None

    def _check_url(self, url: str, place: Place, join: Join) -> None:
        base = self.constants.get("base_url")
        if is_absolute(url):
            self._try(place, join, "", url)
        elif base is not None and str(base.value).strip():
            self._check_base(str(base.value).strip(), base.place)
            self._try(place, join, str(base.value).strip(), url)
        elif base is not None or not (self.is_open or "base_url" in self.known):
            hint = "write config.base_url, or give --base-url"
            problem = f"{url!r} is a relative URL and there is no base_url"
            self.problems.append(Problem(place, problem, hint))

    def _check_base(self, base: str, place: Place) -> None:
        if not is_absolute(base):
            hint = f"write http://{base.lstrip('/')}"
            self.problems.append(Problem(place, f"base_url {base!r} has no scheme", hint))

    def _try(self, place: Place, make: Callable[..., object], *arguments: object) -> None:
        """Call `make` with constants; keep a failure, because each run would fail the same."""
        try:
            make(*arguments)
        except StepFailed as error:
            self.problems.append(Problem(place, error.message))

    def _extraction(self, written: Written) -> Extraction | None:
        found = self.attempt(lambda: compile_extraction(written, self.functions, self.known))
        if found is not None:
            self._require(found.variables, written.place)
            self._check_search(written)
        return found

    def _check(self, validation: Validation) -> Check | None:
        found = self.attempt(lambda: compile_check(validation, self.functions, self.known))
        if found is not None:
            self._require(found.variables, validation.check.place)
            self._check_search(validation.check)
        return found

    def _check_search(self, written: Written) -> None:
        """Compile the search in a constant variable, to report its mistakes before the run."""
        constant = self.constants.get(sole_variable(written.value))
        if constant is not None and is_search_anywhere(text := str(constant.value).strip()):
            self.attempt(lambda: constant_search(written, text))

    def _require(self, names: Iterable[str], place: Place) -> None:
        if self.is_open:
            return
        for name in sorted(set(names) - self.known):
            hint = self.elsewhere.get(name) or meant(name, self.known) or _UNDEFINED
            self.problems.append(Problem(place, f"${name} is not defined", hint))
