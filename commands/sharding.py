"""A load test beyond one core: what each shard is told, and what it does with it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .loading import load
from .voices import Log

if TYPE_CHECKING:
    from boomtalk.engine import HttpOptions, Load, Run
    from boomtalk.engine.case.model import Case
    from boomtalk.engine.load.stop import Stop
    from boomtalk.engine.output.masking import Mask
    from boomtalk.engine.shards.on_ray import Cluster
    from boomtalk.engine.shards.sharded_run import ShardedRun
    from boomtalk.plugins import PluginOptions

    from .load_test import LoadTest


@dataclass(frozen=True, slots=True)
class ShardTask:
    """What one shard does; `share` is which of how many it is, paths are as it finds them."""

    paths: tuple[str, ...]
    environment: Mapping[str, str]
    env_file: Path | None
    base_url: str | None
    load: Load
    share: tuple[int, int]
    http: HttpOptions
    plugins: PluginOptions
    stop_on_plugin_loss: bool
    recycles_rows: bool
    id_header: str | None
    log_level: str
    version: str


class ShardLog(Log):
    """A log whose lines go to the one who started the shards."""

    def __init__(self, level: str, send: Callable[[str, str], None]) -> None:
        super().__init__(level)
        self._send = send

    def __call__(self, level: str, line: str) -> None:
        if self.takes(level):
            self._send(level, self.mask_text(line))


@asynccontextmanager
async def shard_run(
    task: ShardTask, send: Callable[[str, str], None]
) -> AsyncIterator[tuple[Run, Mask]]:
    """Open the run of one shard: its cases, its plugin processes, its part of the load."""
    from boomtalk.engine import Run
    from boomtalk.engine.output.masking import Mask
    from boomtalk.engine.scenario.context import CompileContext
    from boomtalk.plugins import PluginPool

    _check_version(task.version)
    # Who started the shards has read the files, too, and told what is wrong with them.
    reading, log = Log("error"), ShardLog(task.log_level, send)
    plan = CompileContext(task.http, task.base_url)
    loaded = await load(task.paths, task.environment, task.env_file, plan, task.plugins, reading)
    log.mask = reading.mask
    async with PluginPool(task.plugins, log) as pool:
        run = Run(
            loaded.cases,
            task.load,
            http=task.http,
            base_url=task.base_url,
            plugins=pool,
            stop_on_plugin_loss=task.stop_on_plugin_loss,
            recycles_rows=task.recycles_rows,
            id_header=task.id_header,
            share=task.share,
        )
        yield run, log.mask or Mask()


@asynccontextmanager
async def sharded(
    test: LoadTest, cases: Sequence[Case], stop: Stop, log: Log
) -> AsyncIterator[ShardedRun]:
    """Open the run of a test that asks for shards; nothing of it is left afterwards."""
    from boomtalk.engine.shards.on_ray import ray_backend
    from boomtalk.engine.shards.sharded_run import ShardedRun

    cluster = _cluster(test, cases)
    with ray_backend(cluster, shard_run) as backend:
        run = ShardedRun(
            cases,
            test.load,
            backend,
            _tasks(test, cluster),
            stop=stop,
            stops_on_loss=test.stops_on_shard_loss,
            thresholds=test.thresholds,
            abort_on_threshold=test.abort_on_threshold,
            tell=log,
        )
        try:
            yield run
        finally:
            await run.close()


def check_shards(test: LoadTest) -> None:
    """Raise UsageError for flags that shards cannot do, or where Ray is missing."""
    from boomtalk.engine.errors import UsageError
    from boomtalk.engine.shards.on_ray import check_installed
    from boomtalk.engine.shards.split import check_parts

    if test.shards is None and test.ray is not None:
        raise UsageError("--ray needs to know how many shards", "add --shards N")
    if not test.is_sharded:
        return
    if not test.dry_run:  # a plan needs nobody who could carry it out
        check_installed()
    check_parts(test.load, test.shards or 1)
    if test.samples is not None:
        raise UsageError("--samples is a file of one engine: shards do not send every request")


def _tasks(test: LoadTest, cluster: Cluster) -> list[ShardTask]:
    from importlib import metadata

    from boomtalk.engine.shards.split import Part, part_of

    number = test.shards or 1
    return [
        ShardTask(
            paths=tuple(_seen_from(cluster, path) for path in test.paths),
            environment=test.environment,
            env_file=test.env_file and Path(_seen_from(cluster, str(test.env_file))),
            base_url=test.base_url,
            load=part_of(test.load, Part(index, number)),
            share=(index, number),
            http=test.http,
            plugins=test.plugins,
            stop_on_plugin_loss=test.stop_on_plugin_loss,
            recycles_rows=test.recycles_rows,
            id_header=test.id_header,
            log_level=test.screen.log_level,
            version=metadata.version("boomtalk"),
        )
        for index in range(number)
    ]


def _cluster(test: LoadTest, cases: Sequence[Case]) -> Cluster:
    from boomtalk.engine.shards.on_ray import Cluster, is_in_job

    if test.ray is None or is_in_job():
        return Cluster(test.ray)
    folder = _folder_of(test, cases)
    _refuse_environments(test, cases)
    results = os.path.relpath(test.out or "results", folder)
    return Cluster(test.ray, folder, () if results.startswith("..") else (f"/{results}",))


def _folder_of(test: LoadTest, cases: Sequence[Case]) -> Path | None:
    """Return the folder that holds everything the shards read, None for a URL."""
    from boomtalk.engine.case.quick import is_url

    files = [os.path.realpath(path) for path in test.paths if not is_url(path)]
    if not files:
        return None
    roots = [os.path.realpath(case.project.root) for case in cases if case.path.exists()]
    env = [os.path.realpath(test.env_file.parent)] if test.env_file is not None else []
    folder = Path(os.path.commonpath([*files, *roots, *env]))
    return folder if folder.is_dir() else folder.parent


def _refuse_environments(test: LoadTest, cases: Sequence[Case]) -> None:
    from boomtalk.engine.errors import UsageError

    for case in cases:
        if test.plugins.python is None and (case.project.root / ".venv").exists():
            raise UsageError(
                f"{case.project.root / '.venv'} does not travel to other machines",
                "say with --python which interpreter the shards are to use",
            )


def _seen_from(cluster: Cluster, path: str) -> str:
    """Return the path of a file as the shards find it; on this machine they work where we do."""
    from boomtalk.engine.case.quick import is_url

    if cluster.address is None or is_url(path):
        return path
    if cluster.folder is None:
        return os.path.abspath(path)
    return os.path.relpath(os.path.realpath(path), cluster.folder)


def _check_version(version: str) -> None:
    from importlib import metadata

    from boomtalk.engine.errors import UsageError

    if (ours := metadata.version("boomtalk")) != version:
        raise UsageError(f"boomtalk is {ours} here and {version} where it was started")
