"""The flags of `compare`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .group import Panel
from .output import json_flag, markdown_flag, no_color_flag, quiet_flag
from .verdict import fail_if_worse_flag

switch = Panel("Verdict").switch


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareFlags:
    """When a comparison fails, and where it goes."""

    fail_if_worse: float | None = fail_if_worse_flag()
    force: bool = switch("--force", "Compare even if times are mostly the generator's own delay.")
    json: Path | None = json_flag()
    markdown: Path | None = markdown_flag()
    quiet: bool = quiet_flag()
    no_color: bool = no_color_flag()
