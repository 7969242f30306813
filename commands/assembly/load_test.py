"""A load test as asked for on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from boomtalk.engine.settings import RunSettings
from boomtalk.version import VERSION
from msgspec import Struct

from ..flags.load import LoadFlags
from ..flags.output import LiveConsoleFlags, LoadOutputFlags
from ..flags.plugin import PluginRunFlags
from ..flags.shards import ShardFlags
from ..flags.target import TargetFlags
from ..flags.verdict import VerdictFlags
from .case_files import CaseFiles
from .load_task import LoadTask


class LoadTest(Struct, frozen=True):
    """The flags of a load test, by panel."""

    paths: Sequence[str]
    load_flags: LoadFlags
    target: TargetFlags
    plugin: PluginRunFlags
    shards: ShardFlags
    verdict: VerdictFlags
    output: LoadOutputFlags
    console: LiveConsoleFlags

    @property
    def task(self) -> LoadTask:
        """The cases, load and settings; raises UsageError for flags that contradict each other."""
        files = CaseFiles.of(self.paths, self.target, self.console.names)
        settings = RunSettings(
            http=self.target.http,
            base_url=self.target.base_url,
            stop_on_plugin_loss=self.plugin.stop_on_loss,
            recycle_rows=self.load_flags.recycle_rows,
            thresholds=self.verdict.threshold or (),
            abort_on_threshold=self.verdict.abort_on_threshold,
            id_header=self.output.id_header,
        )
        return LoadTask(
            files,
            self.load_flags.load,
            settings,
            self.plugin.options,
            self.console.log_level,
            VERSION,
        )
