"""The flags of `report`."""

from __future__ import annotations

from .group import Panel
from .output import ReportFlags, no_color_flag, quiet_flag

flag = Panel("Output").flag


class RenderFlags(ReportFlags):
    """The forms in which a run is shown again."""

    curl: int | None = flag(
        "--curl",
        "N",
        "Print the first N recorded requests as curl commands instead: failed ones, then slow.",
        min=1,
    )
    quiet: bool = quiet_flag()
    no_color: bool = no_color_flag()
