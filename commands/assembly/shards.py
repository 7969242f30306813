"""A load test on shards: the task of each shard, and the run of it in the shard's process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from boomtalk.engine.case.model import Case
from boomtalk.engine.case.quick import is_url
from boomtalk.engine.errors import UsageError
from boomtalk.engine.load.run import Run
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.shards.on_ray import Cluster, check_installed, is_in_job, ray_backend
from boomtalk.engine.shards.sharded_run import LossRule, ShardedRun
from boomtalk.engine.shards.split import Part, check_parts, part_of
from boomtalk.engine.stop import Stop
from boomtalk.plugins import PluginPool
from boomtalk.version import VERSION
from msgspec.structs import replace

from ..flags.output import LoadOutputFlags
from ..flags.shards import ShardFlags
from .load_task import LoadTask
from .log import Log, SentLog


@asynccontextmanager
async def shard_run(
    task: LoadTask, send: Callable[[str, str], None]
) -> AsyncIterator[tuple[Run, Mask]]:
    """Open the run of one shard: its cases, its plugin processes, its part of the load."""
    if task.version != VERSION:
        raise UsageError(f"boomtalk is {VERSION} here and {task.version} where it was started")
    # The process that started the shards has read the same files and logged their warnings.
    cases = task.files.load().cases
    mask = task.files.mask(cases)
    log = SentLog(task.log_level, send, mask)
    async with PluginPool(task.plugins, log) as pool:
        yield Run(cases, task.load, task.settings, plugins=pool, log=log), mask


@asynccontextmanager
async def sharded(
    flags: ShardFlags,
    task: LoadTask,
    output: LoadOutputFlags,
    cases: Sequence[Case],
    stop: Stop,
    log: Log,
) -> AsyncIterator[ShardedRun]:
    """Open the run of a test on shards; nothing of it is left afterwards."""
    number = flags.shards or 1
    cluster = _cluster(flags, task, output, cases)
    there = _as_seen_from(cluster, task)
    with ray_backend(cluster, shard_run) as backend:
        run = ShardedRun(
            cases,
            task.load,
            task.settings,
            backend,
            [part_of_task(there, Part(index, number)) for index in range(number)],
            stop=stop,
            on_loss=LossRule(stop=flags.on_shard_loss == "stop"),
            log=log,
        )
        try:
            yield run
        finally:
            await run.close()


def part_of_task(task: LoadTask, part: Part) -> LoadTask:
    """Return the task of one shard; thresholds are judged on the sum of all shards."""
    settings = replace(
        task.settings,
        share=(part.index, part.of),
        thresholds=(),
        abort_on_threshold=False,
    )
    return replace(task, load=part_of(task.load, part), settings=settings)


def check_shards(
    flags: ShardFlags, task: LoadTask, output: LoadOutputFlags, is_dry_run: bool
) -> None:
    """Raise UsageError for flags that shards cannot do, or where Ray is missing."""
    if flags.shards is None and flags.ray is not None:
        raise UsageError("--ray needs the number of shards", "add --shards N")
    if not flags.is_sharded:
        return
    if not is_dry_run:  # a plan needs no Ray
        check_installed()
    check_parts(task.load, flags.shards or 1)
    if output.samples is not None:
        raise UsageError("--samples does not work with --shards: shards send no single requests")


def _cluster(
    flags: ShardFlags, task: LoadTask, output: LoadOutputFlags, cases: Sequence[Case]
) -> Cluster:
    if flags.ray is None or is_in_job():
        return Cluster(flags.ray)
    folder = _folder_of(task, cases)
    _refuse_environments(task, cases)
    results = os.path.relpath(output.out or "results", folder)
    return Cluster(flags.ray, folder, () if results.startswith("..") else (f"/{results}",))


def _folder_of(task: LoadTask, cases: Sequence[Case]) -> Path | None:
    """Return the folder that holds everything the shards read, None for a URL."""
    files = [os.path.realpath(path) for path in task.files.paths if not is_url(path)]
    if not files:
        return None
    roots = [os.path.realpath(case.project.root) for case in cases if case.path.exists()]
    env_file = task.files.env_file
    env = [os.path.realpath(env_file.parent)] if env_file is not None else []
    folder = Path(os.path.commonpath([*files, *roots, *env]))
    return folder if folder.is_dir() else folder.parent


def _refuse_environments(task: LoadTask, cases: Sequence[Case]) -> None:
    for case in cases:
        if task.plugins.python is None and (case.project.root / ".venv").exists():
            raise UsageError(
                f"{case.project.root / '.venv'} does not travel to other machines",
                "name the interpreter of the shards with --python",
            )


def _as_seen_from(cluster: Cluster, task: LoadTask) -> LoadTask:
    """Return the task with paths as the shards find the files."""
    files = task.files
    there = replace(
        files,
        paths=tuple(_seen_from(cluster, path) for path in files.paths),
        env_file=files.env_file and Path(_seen_from(cluster, str(files.env_file))),
    )
    return replace(task, files=there)


def _seen_from(cluster: Cluster, path: str) -> str:
    # On this machine the shards work in our working directory.
    if cluster.address is None or is_url(path):
        return path
    if cluster.folder is None:
        return os.path.abspath(path)
    return os.path.relpath(os.path.realpath(path), cluster.folder)
