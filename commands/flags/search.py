"""The Search flags: arrival rates to try, and the rules that must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import parsers
from .group import FlagGroup, Panel
from .load import max_users_flag, on_data_end_flag, seed_flag
from .output import json_flag

flag = Panel("Search").flag


class SearchFlags(FlagGroup):
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
    threshold: list[Any] | None = flag(
        "--threshold",
        "RULE",
        "A rate holds only if this rule does: p(95)<300, p(99){login}<500. Repeatable."
        " error_rate<1% is added, unless a rule on error_rate or failed is given.",
        parse=parsers.threshold,
    )
    json: Path | None = json_flag()
