"""`boomtalk check`: everything of a functional test but the requests."""

from __future__ import annotations

from . import assembly
from .flags.group import with_flags
from .flags.output import ConsoleFlags
from .flags.paths import Paths
from .flags.plugin import PluginFlags
from .flags.target import TargetFlags
from .flags.watch import WatchFlags


@with_flags
def check(
    paths: Paths,
    target: TargetFlags,
    plugin: PluginFlags,
    console: ConsoleFlags,
    again: WatchFlags,
) -> None:
    """Load and compile everything, with plugins and data files; send nothing.

    Takes the target and plugin flags of `run`, so that the same words can be checked first.
    """
    test = assembly.FunctionalTest(paths, target, plugin, console)
    assembly.check_and_exit(test, again)
