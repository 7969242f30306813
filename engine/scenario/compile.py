"""Case -> Scenario: every expression compiled, every name resolved, every problem told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

from ..case.model import (
    Case,
    Config,
    Hook,
    ReferenceStep,
    RequestStep,
    Step,
    ThinkTimeStep,
    TransactionStep,
    Written,
)
from ..errors import CaseError, Problem
from ..http.options import HttpOptions
from ..measure.stats import Stats, TransactionSeries
from ..values.assertions import Check, compile_check
from ..values.expressions import Functions, Template, compile_template
from ..values.extraction import Extraction, compile_extraction
from ..values.variables import Variables, compile_variables
from .hooks import CompiledHook
from .other_steps import (
    CompiledStep,
    Reference,
    Repeated,
    ThinkTime,
    TransactionEnd,
    TransactionStart,
)
from .request_builder import RequestTemplate
from .request_step import CompiledRequest, ConstantRequest
from .scenario import Scenario

T = TypeVar("T")

_HOOK_NAMES = frozenset(
    {
        "request",
        "response",
        "hrp_step_request",
        "hrp_step_response",
        "hrp_step_name",
    }
)


def compile_case(
    case: Case,
    name: str,
    functions: Functions,
    stats: Stats,
    options: HttpOptions,
    base_url: str | None,
) -> Scenario:
    """Compile one case; its series are made in `stats`, under `name`.

    `base_url`, if given, beats every other base. Raises CaseError with every problem found.
    """
    compiler = _Compiler(name, functions, stats, options, base_url)
    scenario = compiler.scenario(case)
    if compiler.problems:
        raise CaseError(compiler.problems)
    return scenario


@dataclass(slots=True)
class _Compiler:
    """One case being compiled. `prefix` is the path of references that led here."""

    case_name: str
    functions: Functions
    stats: Stats
    options: HttpOptions
    base_url: str | None
    prefix: str = ""
    known: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    transactions: dict[str, TransactionSeries] = field(default_factory=dict)

    def scenario(self, case: Case) -> Scenario:
        config = case.config
        variables = self._config(config)
        fixed = {"base_url": self.base_url} if self.base_url is not None else {}
        self.known |= fixed.keys()
        for group in config.parameters:
            self.known.update(group.names)
        steps = self._steps(case, config)
        return Scenario(
            name=self.case_name,
            weight=config.weight,
            steps=steps,
            config=variables,
            environment=dict(config.environs),
            fixed=fixed,
            action=self.stats.transaction(self.case_name, "Action"),
            transactions=self.transactions,
            awaits_nothing=not any(_may_await(step) for step in case.steps),
        )

    def _config(self, config: Config) -> Variables:
        written = dict(config.variables)
        if config.base_url is not None:
            written["base_url"] = config.base_url
        variables = self._try(lambda: compile_variables(written, self.functions, ()))
        self.known |= written.keys() | config.environs.keys()
        return variables or compile_variables({}, self.functions, ())

    def _steps(self, case: Case, config: Config) -> list[CompiledStep]:
        compiled = []
        for step in case.steps:
            if (runs := self._step(step, config)) is None:
                continue
            if step.loops is not None and (times := self._template(step.loops, self.known)):
                runs = Repeated(runs, times)
            compiled.append(runs)
        return compiled

    def _step(self, step: Step, config: Config) -> CompiledStep | None:
        match step:
            case RequestStep():
                return self._request(step, config)
            case ReferenceStep():
                return self._reference(step)
            case TransactionStep():
                return self._transaction(step)
            case ThinkTimeStep():
                time = self._template(step.time, self.known)
                return ThinkTime(time, config.think_time) if time else None
        self.problems.append(Problem(step.place, "this kind of step cannot be run yet"))
        return None

    def _transaction(self, step: TransactionStep) -> CompiledStep:
        name = step.transaction
        series = self.stats.transaction(self.case_name, name)
        self.transactions[name] = series
        return TransactionStart(name) if step.edge == "start" else TransactionEnd(name, series)

    def _reference(self, step: ReferenceStep) -> CompiledStep:
        scope = self._variables(step)
        child = _Compiler(
            self.case_name,
            self.functions,
            self.stats,
            self.options,
            self.base_url,
            f"{self.prefix}{step.name.value} - ",
            self.known | step.variables.keys(),
            self.problems,
            self.transactions,
        )
        config = child._config(step.case.config)
        steps = child._steps(step.case, step.case.config)
        for name in step.export:
            self.known.add(name)
        return Reference(scope, config, dict(step.case.config.environs), steps, step.export)

    def _request(self, step: RequestStep, config: Config) -> CompiledStep | None:
        variables = self._variables(step)
        known = self.known | step.variables.keys() | _HOOK_NAMES
        known |= {hook.assign for hook in step.setup_hooks if hook.assign}
        template = RequestTemplate.compile(
            step, config, self.options, self.base_url, self._on(known)
        )
        known |= {hook.assign for hook in step.teardown_hooks if hook.assign}
        setup, teardown = (
            self._hooks(step.setup_hooks, known),
            self._hooks(step.teardown_hooks, known),
        )
        extractions = self._extractions(step)
        self.known |= step.extract.keys()
        checks = self._checks(step)
        if template is None:
            return None
        is_constant = template.is_constant and not step.variables and not setup
        name = str(step.name.value or f"{step.method.value} {step.url.value}")
        kind = "api" if step.origin == "api" else f"request-{step.method.value}"
        return CompiledRequest(
            series=self.stats.step(self.case_name, self.prefix + name, kind),
            constant=ConstantRequest(template.build) if is_constant else None,
            build=None if is_constant else template.build_async,
            variables=variables,
            setup_hooks=setup,
            teardown_hooks=teardown,
            extractions=extractions,
            checks=checks,
            is_plain=not (
                step.variables or setup or teardown or extractions or any(c.awaits for c in checks)
            ),
        )

    def _extractions(self, step: RequestStep) -> dict[str, Extraction]:
        compiled = {}
        for name, written in step.extract.items():
            found = self._try(partial(compile_extraction, written, self.functions))
            if found is not None:
                compiled[name] = found
        return compiled

    def _checks(self, step: RequestStep) -> list[Check]:
        found = (
            self._try(partial(compile_check, validation, self.functions))
            for validation in step.validate
        )
        return [check for check in found if check is not None]

    def _hooks(self, hooks: Iterable[Hook], known: set[str]) -> list[CompiledHook]:
        return [
            CompiledHook(call, hook.assign)
            for hook in hooks
            if (call := self._template(hook.call, known))
        ]

    def _variables(self, step: Step) -> Variables:
        found = self._try(lambda: compile_variables(step.variables, self.functions, self.known))
        return found or compile_variables({}, self.functions, ())

    def _on(self, known: set[str]) -> Callable[[Written], Template | None]:
        return lambda written: self._template(written, known)

    def _template(self, written: Written, known: set[str]) -> Template | None:
        template = self._try(lambda: compile_template(written, self.functions))
        if template is not None:
            for name in sorted(template.variables - known):
                self.problems.append(_undefined(written, name, known))
        return template

    def _try(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except CaseError as error:
            self.problems.extend(error.problems)
            return None


def _undefined(written: Written, name: str, known: Iterable[str]) -> Problem:
    close = get_close_matches(name, list(known), 1)
    hint = (
        f"did you mean ${close[0]}?" if close else "define it under variables, or extract it before"
    )
    return Problem(written.place, f"variable {name!r} is not defined", hint)


def _may_await(step: Step) -> bool:
    return not isinstance(step, TransactionStep)
