"""What a load test is to be, before anything of it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .voices import Screen

if TYPE_CHECKING:
    from boomtalk.engine import HttpOptions, Load
    from boomtalk.engine.measure.thresholds import Threshold
    from boomtalk.plugins import PluginOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTest:
    """A load test as asked for on the command line."""

    paths: Sequence[str]
    load: Load
    http: HttpOptions
    plugins: PluginOptions
    screen: Screen
    environment: Mapping[str, str] = field(default_factory=dict)
    env_file: Path | None = None
    base_url: str | None = None
    dry_run: bool = False
    stop_on_plugin_loss: bool = True
    recycles_rows: bool = False
    thresholds: Sequence[Threshold] = ()
    abort_on_threshold: bool = False
    fail_on_error: bool = False
    strict: bool = False
    out: Path | None = None
    is_out_given: bool = False
    is_out_kept: bool = True
    baseline: Path | None = None
    fail_if_worse: float | None = None
    json: Path | None = None
    csv: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    samples: Path | None = None
    id_header: str | None = None
    prometheus: str | None = None
    prometheus_gateway: str | None = None
    shards: int | None = None
    ray: str | None = None
    stops_on_shard_loss: bool = True
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sharded(self) -> bool:
        """Whether more than this process is to make the load."""
        return self.ray is not None or (self.shards or 1) > 1
