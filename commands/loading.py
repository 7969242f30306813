"""What the commands share before the first request."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boomtalk.engine.case.loader import Loaded
    from boomtalk.engine.load.stop import Stop
    from boomtalk.engine.scenario.context import CompileContext
    from boomtalk.plugins import PluginOptions

    from .voices import Log


async def load(
    paths: Sequence[str],
    environment: Mapping[str, str],
    env_file: Path | None,
    plan: CompileContext,
    plugins: PluginOptions,
    log: Log,
) -> Loaded:
    """Load the cases (a URL is one), log their warnings, and let the log mask their secrets.

    Raises UsageError, and CaseError with the problems of files and of expressions at once.
    """
    from boomtalk.engine import CaseError, load_cases
    from boomtalk.engine.case.loader import Loaded
    from boomtalk.engine.case.quick import case_of_url, is_url
    from boomtalk.engine.output.masking import Mask

    files = [Path(path) for path in paths if not is_url(path)]
    quick = [case_of_url(path) for path in paths if is_url(path)]
    if quick and not files:
        return Loaded(tuple(quick), ())
    try:
        loaded = load_cases(files, environment, env_file)
    except CaseError as error:
        raise await _with_later_problems(error, plan, plugins, log) from None
    loaded = replace(loaded, cases=(*loaded.cases, *quick))
    log.mask = Mask.of(loaded.cases)
    for warning in loaded.warnings:
        log("warning", str(warning))
    return loaded


async def _with_later_problems(
    error: Any, plan: CompileContext, plugins: PluginOptions, log: Callable[[str, str], None]
) -> Exception:
    """Compile the cases that could be loaded, for the sake of their problems."""
    from boomtalk.engine import CaseError, PluginStartError
    from boomtalk.engine.measure.stats import Stats
    from boomtalk.engine.scenario.prepare import prepare_cases
    from boomtalk.plugins import PluginPool

    problems = list(error.problems)
    async with PluginPool(plugins, log) as pool:
        try:
            await prepare_cases(error.cases, plan, Stats(), pool, random.Random())
        except CaseError as later:
            problems += later.problems
        except PluginStartError as failed:
            log("error", str(failed))
    return CaseError(problems)


async def unless_stopped(preparing: Coroutine[Any, Any, None], stop: Stop) -> bool:
    """Await the preparation; False when a signal came first."""
    task = asyncio.create_task(preparing)
    stopping = asyncio.create_task(stop.requested())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        task.result()
        return True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


def signal_code(number: int | None) -> int:
    """Return the exit code of a run that a signal ended."""
    import signal

    return 130 if number in (None, signal.SIGINT) else 143
