"""`boomtalk find-limit`: the highest arrival rate at which the thresholds hold."""

from __future__ import annotations

from . import assembly
from .flags.group import with_flags
from .flags.output import ConsoleFlags
from .flags.paths import Paths
from .flags.plugin import PluginRunFlags
from .flags.search import SearchFlags
from .flags.target import TargetFlags


@with_flags
def find_limit(
    paths: Paths,
    search: SearchFlags,
    target: TargetFlags,
    plugin: PluginRunFlags,
    console: ConsoleFlags,
) -> None:
    """Search the highest arrival rate at which the thresholds hold and nothing is dropped."""
    assembly.search_and_exit(assembly.LimitSearch(paths, search, target, plugin, console))
