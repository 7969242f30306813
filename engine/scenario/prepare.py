"""This module prepares cases: it starts plugins, compiles, and evaluates configs."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ..case.model import Case, ReferenceStep
from ..errors import CaseError, PluginStartError, Problem
from ..measure.stats import Stats
from ..values.functions import Functions
from .compile import Projects, compile_case
from .context import CompileContext
from .plugin import Plugins
from .scenario import Scenario


async def prepare_cases(
    cases: Sequence[Case],
    context: CompileContext,
    stats: Stats,
    plugins: Plugins,
    chance: random.Random,
) -> list[Scenario]:
    """Return the cases as scenarios that are ready to run; nothing is sent.

    Raises PluginStartError, or CaseError with the problems of all cases.
    """
    problems: list[Problem] = []
    scenarios = []
    for case, name in zip(cases, names_of(cases), strict=True):
        projects = {
            root: await functions_of(one, plugins, chance)
            for root, one in _projects_of(case).items()
        }
        try:
            scenarios.append(await _prepared(case, name, projects, stats, context))
        except CaseError as error:
            problems.extend(error.problems)
    if problems:
        raise CaseError(list(dict.fromkeys(problems)))
    return scenarios


async def _prepared(
    case: Case, name: str, projects: Projects, stats: Stats, context: CompileContext
) -> Scenario:
    scenario = compile_case(case, name, projects, stats, context)
    await scenario.prepare()
    if case.config.variables_from is not None:
        # The names in the map of `variables: ${f()}` are known only now. Compile once more, to
        # report names that it does not define.
        compile_case(case, name, projects, stats, context, names=scenario.base)
    return scenario


def names_of(cases: Sequence[Case]) -> list[str]:
    """Return the name of each case for reports; cases of the same name get their file added.

    The file is relative to the folder that these cases share, so that a name is the same on
    every machine, in every working directory, and however a case was reached.
    """
    named = [(str(case.config.name.value), case.path.resolve()) for case in cases]
    alike: dict[str, set[Path]] = defaultdict(set)
    for name, path in named:
        alike[name].add(path)
    return [_told_apart(name, path, alike[name]) for name, path in named]


def _told_apart(name: str, path: Path, alike: set[Path]) -> str:
    if len(alike) == 1:
        return name
    folder = os.path.commonpath([one.parent for one in alike])
    return f"{name} ({path.relative_to(folder).as_posix()})"


def _projects_of(case: Case) -> dict[Path, Case]:
    """Return one case per project, over a case and all cases that it refers to."""
    found = {case.project.root: case}
    for step in case.steps:
        if isinstance(step, ReferenceStep):
            found |= _projects_of(step.case)
    return found | {case.project.root: case}


async def functions_of(case: Case, plugins: Plugins, chance: random.Random) -> Functions:
    """Return the functions that the case's expressions may call; raises PluginStartError."""
    project = case.project
    if project.plugin is None:
        return Functions({}, _no_plugin, project, chance)
    plugin = await plugins.open(project.plugin, project.environment)
    return Functions(plugin.functions, plugin.call, project, chance)


async def _no_plugin(name: str, args: object = (), kwargs: object = None) -> object:
    raise PluginStartError(f"{name} was called, but the project has no debugtalk.py")
