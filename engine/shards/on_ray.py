"""Shards as actors of Ray: a cluster of this machine's own, or one that runs already."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec import Struct

from ..errors import UsageError
from .backend import ShardLost
from .shard import Open, Shard

_ROOM_SECONDS = 30.0
_OBJECT_STORE = 80 * 1024 * 1024
# Nothing of Ray's calls home, and what git ignores (.env, data) travels with a project.
_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_RUNTIME_ENV_IGNORE_GITIGNORE": "1"}
_JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"


def check_installed() -> None:
    """Raise UsageError where Ray is missing."""
    if find_spec("ray") is None:
        raise UsageError(
            "--shards and --ray need the package ray",
            "pip install 'boomtalk[ray]' (Linux with glibc, or macOS on Apple silicon)",
        )


def is_in_job() -> bool:
    """Whether this process was started by Ray, which has brought the files along."""
    return _JOB in os.environ


class Cluster(Struct, frozen=True):
    """The cluster to use; with `address` None it is started on this machine.

    `folder` travels to the nodes and is the working directory of the shards there, without what
    the patterns of `excludes` name; None where they find the files by themselves.
    """

    address: str | None = None
    folder: Path | None = None
    excludes: tuple[str, ...] = ()


class RayBackend:
    """Starts shards on a cluster; `close` ends them, and the cluster if we started it."""

    def __init__(self, cluster: Cluster, open_run: Open) -> None:
        self._cluster = cluster
        self._open_run = open_run
        self._group: Any = None

    async def open(self, number: int) -> Sequence[RayHandle]:
        """Start `number` shards, spread over the nodes.

        Raises UsageError if the cluster cannot be used or has no room for them.
        """
        _set_environment(self._cluster)
        import ray
        from ray.util.placement_group import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        # On this thread, though it blocks: elsewhere Ray cannot begin.
        _begin(self._cluster, number)
        self._group = placement_group([{"CPU": 1}] * number, strategy="SPREAD")
        if not await asyncio.to_thread(self._group.wait, _ROOM_SECONDS):
            have = int(ray.cluster_resources().get("CPU", 0))
            text = f"{number} shards need {number} CPUs of the cluster; it has {have}, not all free"
            raise UsageError(text, "use fewer --shards, or add nodes")
        # Started anew in the middle of a load, a shard would begin it from the beginning.
        remote = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Shard)
        return [
            RayHandle(
                remote.options(
                    scheduling_strategy=PlacementGroupSchedulingStrategy(self._group, index)
                ).remote(self._open_run)
            )
            for index in range(number)
        ]

    def close(self) -> None:
        """End the shards and our own cluster."""
        ray = sys.modules.get("ray")
        if ray is None or not ray.is_initialized():
            return
        with suppress(Exception):
            if self._group is not None:
                from ray.util.placement_group import remove_placement_group

                remove_placement_group(self._group)
        ray.shutdown()


@dataclass(frozen=True, slots=True)
class RayHandle:
    """A shard that is an actor of Ray."""

    actor: Any = field(repr=False)

    async def call(self, name: str, *arguments: Any) -> Any:
        from ray.exceptions import RayError

        try:
            return await getattr(self.actor, name).remote(*arguments)
        except RayError as error:
            raise ShardLost(_in_short(error)) from None

    def kill(self) -> None:
        import ray

        with suppress(Exception):  # it is dead, or its node is
            ray.kill(self.actor)


@contextmanager
def ray_backend(cluster: Cluster, open_run: Open) -> Iterator[RayBackend]:
    """Yield a backend, and end everything it started.

    Ray prints the messages of its daemons to stdout, where results stand: nothing goes there
    while the body lasts.
    """
    backend = RayBackend(cluster, open_run)
    with redirect_stdout(_Sink()):
        try:
            yield backend
        finally:
            backend.close()


class _Sink(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def _set_environment(cluster: Cluster) -> None:
    # Ray reads it when it is imported.
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if cluster.address is None or _has_token():
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def _begin(cluster: Cluster, number: int) -> None:
    import ray

    ours = {
        "num_cpus": number,
        "include_dashboard": False,
        "object_store_memory": _OBJECT_STORE,
    }
    with _own_signals():
        try:
            ray.init(
                # Without an address Ray joins whatever ran here last, even if it is gone.
                address=cluster.address or "local",
                log_to_driver=False,
                logging_level="ERROR",
                namespace=f"boomtalk-{uuid4().hex[:12]}",
                runtime_env=_runtime_env(cluster),
                **(ours if cluster.address is None else {}),
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise UsageError(*_no_cluster(cluster, error)) from error
    if cluster.address is None:
        _protect_token()


def _no_cluster(cluster: Cluster, error: Exception) -> tuple[str, str]:
    if cluster.address is None:
        return f"Ray did not start: {_in_short(error)}", ""
    hint = "start it there with ray start; this machine must be a node of it and have its token"
    return f"the Ray cluster at {cluster.address} cannot be used: {_in_short(error)}", hint


def _runtime_env(cluster: Cluster) -> Mapping[str, Any] | None:
    if cluster.folder is None or is_in_job():
        return None
    return {"working_dir": str(cluster.folder), "excludes": list(cluster.excludes)}


@contextmanager
def _own_signals() -> Iterator[None]:
    """Restore our signal handlers after the body; Ray installs its own."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            if handler is not None:
                signal.signal(number, handler)


def _token() -> Path:
    return Path(os.environ.get("RAY_AUTH_TOKEN_PATH", "~/.ray/auth_token")).expanduser()


def _has_token() -> bool:
    return "RAY_AUTH_TOKEN" in os.environ or _token().is_file()


def _protect_token() -> None:
    # Ray makes it readable for all users of the machine.
    with suppress(OSError):
        _token().chmod(0o600)


def _in_short(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines)[:300]}"
