"""`boomtalk boom`: a load test."""

from __future__ import annotations

from . import assembly
from .flags.group import with_flags
from .flags.load import LoadFlags
from .flags.output import LiveConsoleFlags, LoadOutputFlags
from .flags.paths import Paths
from .flags.plugin import PluginRunFlags
from .flags.shards import ShardFlags
from .flags.target import TargetFlags
from .flags.verdict import VerdictFlags


@with_flags
def boom(
    paths: Paths,
    load: LoadFlags,
    target: TargetFlags,
    plugin: PluginRunFlags,
    shards: ShardFlags,
    verdict: VerdictFlags,
    output: LoadOutputFlags,
    console: LiveConsoleFlags,
) -> None:
    """Load-test cases: each user runs them again and again."""
    test = assembly.LoadTest(paths, load, target, plugin, shards, verdict, output, console)
    assembly.load_and_exit(test)
