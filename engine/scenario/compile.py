"""This module compiles a Case to a Scenario and reports every problem in it at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..case.model import (
    Case,
    Config,
    ReferenceStep,
    RendezvousStep,
    RequestStep,
    Step,
    ThinkTimeStep,
    TransactionStep,
    WebSocketStep,
    Written,
)
from ..errors import CaseError, Place
from ..measure.series import TransactionSeries
from ..measure.stats import Stats
from ..values.functions import Functions
from ..values.rows import compile_parameters
from ..values.variables import Variables, compile_variables
from .context import CompileContext
from .failure_row import FailureRow
from .other_steps import (
    Reference,
    Repeated,
    Skipped,
    ThinkTime,
    TransactionEnd,
    TransactionStart,
)
from .rendezvous import Meeting, Rendezvous, group_size
from .request_step import compile_request
from .sampled import RecordedRequest, RecordedWebSocket
from .scenario import Scenario
from .session import CompiledStep
from .static_scope import StaticScope
from .titles import Title, compile_title, kind_of, name_of
from .traced_step import TracedStep
from .walk import Stretch, stretched
from .websocket_message import constant_message
from .websocket_step import compile_websocket

# Functions by project folder: a case may refer to cases of other projects.
Projects = Mapping[Path, Functions]


def compile_case(
    case: Case,
    name: str,
    projects: Projects,
    stats: Stats,
    context: CompileContext,
    names: Collection[str] | None = None,
) -> Scenario:
    """Compile one case. Its series are created in `stats` under `name`.

    `names` are the variables of the config, if they are known. None means that an expression may
    define more at run time, so unknown names are no problem yet. Raises CaseError with every
    problem found.
    """
    compiler = _Compiler(name, projects, stats, context, StaticScope(projects[case.project.root]))
    scenario = compiler.scenario(case, names)
    if compiler.scope.problems:
        raise CaseError(list(dict.fromkeys(compiler.scope.problems)))
    return scenario


@dataclass(slots=True)
class _Compiler:
    """Compiles one case. `prefix` is the path of references that led to it."""

    case_name: str
    projects: Projects
    stats: Stats
    context: CompileContext
    scope: StaticScope
    prefix: str = ""
    transactions: dict[str, TransactionSeries] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)

    def scenario(self, case: Case, names: Collection[str] | None) -> Scenario:
        config = case.config
        variables = self._config(config)
        if names is not None:
            self.scope.known |= set(names)
            self.scope.is_open = False
        parameters = self.scope.attempt(
            lambda: compile_parameters(case, self.projects[case.project.root], self.scope.known)
        )
        base_url = self.context.settings.base_url
        fixed = {} if base_url is None else {"base_url": base_url}
        self.scope.known |= fixed.keys()
        self.scope.constants |= {
            name: Written(value, Place("--base-url")) for name, value in fixed.items()
        }
        for group in config.parameters:
            self.scope.define(group.names)
        return Scenario(
            name=self.case_name,
            title=compile_title(self.case_name, config, self.scope.functions, self.scope.known),
            place=config.place,
            weight=config.weight,
            steps=self._steps(case),
            config=variables,
            environment=dict(config.environs),
            fixed=fixed,
            parameters=parameters,
            keeps_rows=config.parameters_per == "user" and not self.context.traced,
            context=self.context,
            export=config.export,
            case_timeout=config.case_timeout,
            row_failures=FailureRow(self.stats, self.case_name, "parameters", "parameters"),
            socket_failures=FailureRow(self.stats, self.case_name, "websockets", "websocket-close"),
            own_failures=FailureRow(self.stats, self.case_name, "iteration", "iteration"),
            action=self.stats.transaction(self.case_name, "Action"),
            transactions=self.transactions,
            awaits_nothing=not any(map(_surely_awaits, case.steps)),
            plugin_functions=frozenset().union(
                *(functions.plugin_names for functions in self.projects.values())
            ),
        )

    def _config(self, config: Config) -> Variables:
        written = dict(config.variables)
        base = {} if config.base_url is None else {"base_url": config.base_url}
        # hrp resolves the base with the variables of the config, and then sets it as one of them.
        last = base if "base_url" in written else {}
        if not last:
            written |= base
        functions = self.scope.functions
        variables = self.scope.attempt(
            lambda: compile_variables(
                written, functions, (), config.variables_from, last, config.yielding
            )
        )
        self._define({**written, **base}, config)
        self.scope.is_open |= config.variables_from is not None
        return variables or compile_variables({}, functions, ())

    def _define(self, written: Mapping[str, Written], config: Config) -> None:
        """Learn the names of a config; those that the referring step gives keep its values."""
        given = set(self.scope.known)
        own = {name: one for name, one in written.items() if name not in given}
        sure = {name: one for name, one in own.items() if name not in config.yielding}
        self.scope.define(own, {} if self.scope.is_open else sure)
        environs = config.environs.keys() - given
        self.scope.define(environs)
        # A value of the environment is data, and no search; but it is a base.
        if "base_url" in environs:
            base = str(config.environs["base_url"])
            self.scope.constants["base_url"] = Written(base, config.place)

    def _steps(self, case: Case) -> list[CompiledStep]:
        compiled = (self._whole(step, case.config) for step in case.steps)
        return stretched(step for step in compiled if step is not None)

    def _whole(self, step: Step, config: Config) -> CompiledStep | None:
        """Compile a step, wrapped in its repetition, its skip condition and its trace."""
        name, kind = self.prefix + name_of(step), kind_of(step)
        row = FailureRow(self.stats, self.case_name, name, kind)
        compiled = self._step(step, config, row)
        if compiled is None:
            return None
        title = self._title(name, step)
        if title is not None:
            compiled = TracedStep(compiled, title, kind, is_outer=isinstance(step, ReferenceStep))
        if step.loops is None and step.skip is None and step.skip_unless is None:
            return compiled
        compiled = self._conditional(step, compiled, row, title)
        # The step and its condition are traced apart: each repetition is a row of the report.
        return compiled if title is None else TracedStep(compiled, title, kind, is_outer=True)

    def _title(self, name: str, step: Step) -> Title | None:
        if not self.context.traced:
            return None
        names = self.scope.within(step).known
        return compile_title(name, step, self.scope.functions, names)

    def _conditional(
        self, step: Step, compiled: CompiledStep, row: FailureRow, title: Title | None
    ) -> CompiledStep:
        variables = self.scope.variables(step)
        inside = self.scope.within(step)
        if step.loops is not None and (times := inside.template(step.loops)):
            compiled = Repeated(compiled, variables, times, row)
        if step.skip is not None and (condition := inside.template(step.skip)):
            compiled = Skipped(compiled, variables, condition, row, title)
        if step.skip_unless is not None and (condition := inside.template(step.skip_unless)):
            compiled = Skipped(compiled, variables, condition, row, title, skips_if=False)
        return compiled

    def _step(self, step: Step, config: Config, row: FailureRow) -> CompiledStep | None:
        match step:
            case RequestStep() | WebSocketStep():
                return self._exchange(step, config, row)
            case ReferenceStep():
                return self._reference(step, row)
            case TransactionStep():
                return self._transaction(step)
            case ThinkTimeStep():
                time = self.scope.within(step).template(step.time)
                variables = self.scope.variables(step)
                return ThinkTime(variables, time, config.think_time, row) if time else None
            case RendezvousStep():
                return self._rendezvous(step)
        raise TypeError(f"unknown step {type(step).__name__}")

    def _exchange(
        self, step: RequestStep | WebSocketStep, config: Config, row: FailureRow
    ) -> CompiledStep | None:
        series = self.stats.step(row.case, row.name, row.type)
        recorder = self.context.recorder
        compiled: CompiledStep | None
        if isinstance(step, RequestStep):
            compiled = compile_request(step, config, self.scope, self.context, series)
            if compiled is not None and recorder is not None:
                compiled = RecordedRequest.over(compiled, recorder)
            elif compiled is not None and compiled.is_plain:
                compiled = Stretch.of(compiled)
        else:
            compiled = compile_websocket(step, config, self.scope, self.context, series)
            if compiled is not None and recorder is not None:
                compiled = RecordedWebSocket.over(compiled, recorder)
            elif compiled is not None:
                compiled = constant_message(compiled, self.context) or compiled
        self.scope.define(step.extract)
        return compiled

    def _transaction(self, step: TransactionStep) -> CompiledStep:
        name = step.transaction
        series = self.stats.transaction(self.case_name, name)
        self.transactions[name] = series
        return TransactionStart(name) if step.edge == "start" else TransactionEnd(name, series)

    def _rendezvous(self, step: RendezvousStep) -> CompiledStep:
        if not self.context.users:
            return Rendezvous(None)
        number = group_size(step, self.context.users)
        new = Meeting(self.context.users, number, step.timeout, self.stats)
        # Steps with the same name, even in references, are one meeting point.
        return Rendezvous(self.meetings.setdefault(step.rendezvous, new))

    def _reference(self, step: ReferenceStep, row: FailureRow) -> CompiledStep:
        case = step.case
        variables = self.scope.variables(step)
        child = _Compiler(
            self.case_name,
            self.projects,
            self.stats,
            self.context,
            replace(self.scope.within(step), functions=self.projects[case.project.root]),
            f"{row.name} - ",
            self.transactions,
            self.meetings,
        )
        config = child._config(case.config)
        steps = child._steps(case)
        self.scope.define(step.export)
        return Reference(variables, config, dict(case.config.environs), steps, step.export, row)


def _surely_awaits(step: Step) -> bool:
    """Return whether the step always awaits something.

    If no step of a case does, a user must yield to the event loop after each iteration, or it
    would starve all others.
    """
    if step.skip is not None or step.skip_unless is not None:
        return False
    if isinstance(step, ReferenceStep):
        return any(map(_surely_awaits, step.case.steps))
    return isinstance(step, RequestStep | WebSocketStep | ThinkTimeStep)
