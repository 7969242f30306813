"""`boomtalk find-limit`: the highest arrival rate at which the thresholds hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import assembly
from .flags import parsers
from .flags.group import Panel, with_flags
from .flags.load import max_users_flag, on_data_end_flag, seed_flag
from .flags.output import ConsoleFlags, json_flag
from .flags.paths import Paths
from .flags.plugin import PluginRunFlags
from .flags.target import TargetFlags
from .flags.verdict import threshold_flag

flag = Panel("Search").flag


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFlags:
    """The rates that are tried, and the rules that must hold at them."""

    first: float = flag(
        "--from", "N/s", "First arrival rate to try.", default="10/s", parse=parsers.rate
    )
    most: float = flag(
        "--to", "N/s", "Highest arrival rate to try.", default="10000/s", parse=parsers.rate
    )
    step: float = flag(
        "--step", "TIME", "Length of a trial.", default="10s", parse=parsers.duration
    )
    precision: float = flag(
        "--precision",
        "SHARE",
        "End when the limit is known to this share of it.",
        default=0.05,
        min=0.001,
        max=1,
    )
    max_users: int | None = max_users_flag()
    seed: int | None = seed_flag()
    on_data_end: str = on_data_end_flag()
    threshold: list[Any] | None = threshold_flag()
    json: Path | None = json_flag()


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
