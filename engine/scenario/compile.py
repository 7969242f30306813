"""This module compiles a Case to a Scenario and reports every problem in it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from ..case.model import (
    Case,
    Config,
    Once,
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
from .config_scope import compile_config
from .context import CompileContext
from .conversation import Conversation
from .failure_row import FailureRow
from .once import OncePerUser, OnceStep, OnceSteps, Row
from .once_rules import has_user_steps, inner_once, names_elsewhere, surely_awaits
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
from .walk import Stretch
from .websocket_message import constant_message
from .websocket_step import compile_websocket

# Functions by project folder: a case may refer to cases of other projects.
Projects = Mapping[Path, Functions]


def joined(steps: Iterable[CompiledStep]) -> list[CompiledStep]:
    """Return the steps, with consecutive ones that need no task switch between them as one."""
    result: list[CompiledStep] = []
    for step in steps:
        match result, step:
            case [*_, Stretch(before)], Stretch(following):
                result[-1] = Stretch((*before, *following))
            case [*_, Conversation(before)], Conversation(following):
                result[-1] = Conversation((*before, *following))
            case _:
                result.append(step)
    return result


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


class _Compiler(Struct):
    """Compiles one case. `prefix` is the path of references that led to it.

    `once` is that of the step which is compiled, or of the references around it; `rows` are the
    rows of such steps.
    """

    case_name: str
    projects: Projects
    stats: Stats
    context: CompileContext
    scope: StaticScope
    prefix: str = ""
    transactions: dict[str, TransactionSeries] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    once: Once | None = None
    rows: dict[Row, str] = field(default_factory=dict)

    def scenario(self, case: Case, names: Collection[str] | None) -> Scenario:
        config = case.config
        variables = compile_config(config, self.scope)
        if names is not None:
            self.scope.known |= set(names)
            self.scope.is_open = False
        parameters = self.scope.attempt(
            lambda: compile_parameters(case, self.projects[case.project.root], self.scope.known)
        )
        fixed = self._fixed()
        # The order of the rows in the report, too: what runs first comes first.
        before = self._once_steps(case, "run")
        outside = self.scope.inner(())
        for group in config.parameters:
            self.scope.define(group.names)
        steps = self._steps(case)
        self.scope = outside
        after = self._once_steps(case, "end")
        return Scenario(
            name=self.case_name,
            title=compile_title(self.case_name, config, self.scope.functions, self.scope.known),
            place=config.place,
            weight=config.weight,
            steps=steps,
            of_user=[step for step in steps if isinstance(step, OncePerUser)],
            later_steps=joined(step for step in steps if not isinstance(step, OncePerUser)),
            remembers=has_user_steps(case),
            once=self._once(case, before, after),
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
            own_failures=self._own_failures,
            action=self.stats.transaction(self.case_name, "Action"),
            transactions=self.transactions,
            awaits_nothing=not any(map(surely_awaits, case.steps)),
            plugin_functions=frozenset().union(
                *(functions.plugin_names for functions in self.projects.values())
            ),
        )

    def _fixed(self) -> dict[str, str]:
        """Return the variables that the flags set; the scope knows them afterwards."""
        base_url = self.context.settings.base_url
        fixed = {} if base_url is None else {"base_url": base_url}
        self.scope.known |= fixed.keys()
        self.scope.constants |= {
            name: Written(value, Place("--base-url")) for name, value in fixed.items()
        }
        return fixed

    @property
    def _own_failures(self) -> FailureRow:
        return FailureRow(self.stats, self.case_name, "iteration", "iteration")

    def _once(self, case: Case, before: Sequence[OnceStep], after: Sequence[OnceStep]) -> OnceSteps:
        gives = tuple(name for step in case.steps if step.once == "run" for name in step.gives)
        return OnceSteps(before, after, gives, self.rows, self._own_failures)

    def _once_steps(self, case: Case, once: Once) -> list[OnceStep]:
        """Compile the steps that run once per run, at this time."""
        self.scope.elsewhere = names_elsewhere(case, once)
        steps = [step for step in case.steps if step.once == once]
        compiled = [(step, self._within(step, case.config)) for step in steps]
        self.scope.elsewhere = {}
        return [OnceStep(name_of(step), one) for step, one in compiled if one is not None]

    def _steps(self, case: Case) -> list[CompiledStep]:
        """Compile the steps of an iteration."""
        steps = [step for step in case.steps if self.prefix or step.once in (None, "user")]
        compiled = (self._within(step, case.config) for step in steps)
        return joined(step for step in compiled if step is not None)

    def _within(self, step: Step, config: Config) -> CompiledStep | None:
        """Compile a step, which may be once or in a reference that is."""
        if step.once is None:
            return self._whole(step, config)
        if self.prefix and step.once != self.once and step.once != "user":
            self.scope.problems.append(inner_once(step))
        around, self.once = self.once, self.once or step.once
        compiled = self._whole(step, config)
        self.once = around
        if compiled is None or around is not None or step.once != "user":
            return compiled
        return OncePerUser(compiled, step.gives)

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
        if self.once is not None:
            self.rows[row.case, row.name, row.type] = self.once
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
                message = constant_message(compiled, self.context)
                compiled = compiled if message is None else Conversation((message,))
        self.scope.define(step.extract)
        return compiled

    def _transaction(self, step: TransactionStep) -> CompiledStep:
        name = step.transaction
        series = self.stats.transaction(self.case_name, name)
        self.transactions[name] = series
        return TransactionStart(name) if step.edge == "start" else TransactionEnd(name, series)

    def _rendezvous(self, step: RendezvousStep) -> CompiledStep:
        # Before and after the load there are no users to meet.
        if not self.context.users or self.once in ("run", "end"):
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
            self.once,
            self.rows,
        )
        config = compile_config(case.config, child.scope)
        steps = child._steps(case)
        self.scope.define(step.export)
        return Reference(variables, config, dict(case.config.environs), steps, step.export, row)
