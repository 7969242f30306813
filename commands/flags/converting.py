"""The flags of `convert`."""

from __future__ import annotations

import re
from pathlib import Path

from . import parsers
from .group import FlagGroup, Panel

_OUTPUT, _HAR = Panel("Output"), Panel("HAR files")


class ConvertFlags(FlagGroup):
    """Where cases go, and which requests of a HAR file become steps."""

    output_dir: Path = _OUTPUT.flag(
        "--output-dir -o", "DIR", "Folder for the case files.", default=Path("converted")
    )
    force: bool = _OUTPUT.switch("--force", "Replace case files that exist already.")
    host: list[str] | None = _HAR.flag(
        "--host", "HOST", "Take only requests to this host (*.example.com: below it). Repeatable."
    )
    method: list[str] | None = _HAR.flag(
        "--method", "NAME", "Take only requests with this method. Repeatable."
    )
    include: re.Pattern[str] | None = _HAR.flag(
        "--include",
        "REGEX",
        "Take only requests whose URL this pattern matches.",
        parse=parsers.pattern,
    )
    exclude: re.Pattern[str] | None = _HAR.flag(
        "--exclude",
        "REGEX",
        "Leave out requests whose URL this pattern matches.",
        parse=parsers.pattern,
    )
    static: bool = _HAR.switch("--static", "Keep images, styles, scripts and fonts.")
    no_think_time: bool = _HAR.switch("--no-think-time", "Leave out the pauses between requests.")
