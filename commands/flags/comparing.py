"""The flags of `compare`."""

from __future__ import annotations

from pathlib import Path

from .group import FlagGroup, Panel
from .output import json_flag, markdown_flag, no_color_flag, quiet_flag
from .verdict import fail_if_worse_flag

switch = Panel("Verdict").switch


class CompareFlags(FlagGroup):
    """When a comparison fails, and where it goes."""

    fail_if_worse: float | None = fail_if_worse_flag()
    force: bool = switch("--force", "Compare even if times are mostly the generator's own delay.")
    json: Path | None = json_flag()
    markdown: Path | None = markdown_flag()
    quiet: bool = quiet_flag()
    no_color: bool = no_color_flag()
