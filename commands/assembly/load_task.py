"""The part of a load test that any process can do: cases, load and settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import metadata

from boomtalk.engine.load.shape import Load
from boomtalk.engine.settings import RunSettings
from boomtalk.engine.shards.split import Part, part_of
from boomtalk.plugins import PluginOptions

from .case_files import CaseFiles


def version() -> str:
    """Return the version of boomtalk in this process."""
    return metadata.version("boomtalk")


@dataclass(frozen=True, slots=True)
class LoadTask:
    """The cases, their load and settings, as the process that runs them finds the files.

    `version` is that of the boomtalk which made the task.
    """

    files: CaseFiles
    load: Load
    settings: RunSettings
    plugins: PluginOptions
    log_level: str
    version: str

    def part(self, part: Part) -> LoadTask:
        """Return the task of one shard; thresholds are judged on the sum of all shards."""
        settings = replace(
            self.settings,
            share=(part.index, part.of),
            thresholds=(),
            abort_on_threshold=False,
        )
        return replace(self, load=part_of(self.load, part), settings=settings)
