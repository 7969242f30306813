"""`boomtalk run`: a functional test."""

from __future__ import annotations

from . import assembly
from .flags.group import with_flags
from .flags.output import CaseOutputFlags, ConsoleFlags
from .flags.paths import Paths
from .flags.plugin import PluginRunFlags
from .flags.target import TargetFlags
from .flags.verdict import CaseVerdictFlags
from .flags.watch import WatchFlags


@with_flags
def run(
    paths: Paths,
    target: TargetFlags,
    plugin: PluginRunFlags,
    verdict: CaseVerdictFlags,
    output: CaseOutputFlags,
    console: ConsoleFlags,
    again: WatchFlags,
) -> None:
    """Run cases once per parameter row, as a functional test."""
    test = assembly.FunctionalTest(
        paths, target, plugin, console, plugin.stop_on_loss, verdict, output
    )
    assembly.run_and_exit(test, again)
