"""Load the cases of a command, and report everything that is wrong with them at once."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from boomtalk.engine.case.loader import Loaded, load_cases
from boomtalk.engine.case.model import Case
from boomtalk.engine.case.quick import case_of_url, is_url
from boomtalk.engine.errors import CaseError, PluginStartError
from boomtalk.engine.measure.stats import Stats
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.output.secret_names import NameRules
from boomtalk.engine.scenario.context import CompileContext
from boomtalk.engine.scenario.prepare import prepare_cases
from boomtalk.engine.settings import RunSettings
from boomtalk.engine.signals import interrupted_by_signals
from boomtalk.plugins import PluginOptions, PluginPool
from msgspec import Struct, field

from ..flags.target import TargetFlags
from .log import Log


class CaseFiles(Struct, frozen=True):
    """Case files, folders and URLs, with the variables that are set for them from outside."""

    paths: Sequence[str]
    environment: Mapping[str, str]
    env_file: Path | None
    names: NameRules = field(default_factory=NameRules)

    @classmethod
    def of(cls, paths: Sequence[str], target: TargetFlags, names: NameRules) -> CaseFiles:
        """Return the files that arguments and flags name; `names` says what is secret in them."""
        return cls(paths, target.environment, target.env_file, names)

    def mask(self, cases: Sequence[Case]) -> Mask:
        """Return the mask for these cases of the files."""
        return Mask.of(cases, self.names)

    def load(self) -> Loaded:
        """Load the files; a URL becomes a case of one GET. Raises UsageError and CaseError."""
        files = [Path(path) for path in self.paths if not is_url(path)]
        quick = tuple(case_of_url(path) for path in self.paths if is_url(path))
        if quick and not files:
            return Loaded(quick, ())
        loaded = load_cases(files, self.environment, self.env_file)
        return Loaded((*loaded.cases, *quick), loaded.warnings)


async def load(
    files: CaseFiles, settings: RunSettings, plugins: PluginOptions, log: Log
) -> tuple[Sequence[Case], Log]:
    """Return the cases and the log that masks their secrets; log the warnings of the files.

    Raises UsageError, and CaseError with the problems of files and of expressions at once.
    """
    try:
        # Reading holds up the loop, and nothing has been started that must be ended first.
        with interrupted_by_signals():
            loaded = files.load()
    except CaseError as error:
        masked = log.masked(files.mask(error.cases))
        raise await _with_later_problems(error, settings, plugins, masked) from None
    masked = log.masked(files.mask(loaded.cases))
    for warning in loaded.warnings:
        masked.warn(str(warning))
    return loaded.cases, masked


async def _with_later_problems(
    error: CaseError, settings: RunSettings, plugins: PluginOptions, log: Log
) -> CaseError:
    """Compile the cases that could be loaded, to add their problems."""
    problems = list(error.problems)
    async with PluginPool(plugins, log) as pool:
        try:
            context = CompileContext(settings)
            await prepare_cases(error.cases, context, Stats(), pool, random.Random())
        except CaseError as later:
            problems += later.problems
        except PluginStartError as failed:
            log("error", str(failed))
    return CaseError(problems)
