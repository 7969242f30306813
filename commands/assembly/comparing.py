"""Compare two run directories."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from boomtalk.engine.compare.comparison import Side
from boomtalk.engine.compare.comparison import compare as compared
from boomtalk.engine.compare.show import as_dict, shown
from boomtalk.engine.compare.show import markdown as markdown_of
from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.files import deliver
from boomtalk.engine.output.json_text import json_page
from boomtalk.engine.record.reading import Record, readable
from boomtalk.engine.report.result_files import ResultFiles

from ..flags.comparing import CompareFlags
from .console import console_for


def compare_runs(a: Path, b: Path, flags: CompareFlags) -> NoReturn:
    """Compare, write what is asked for, and exit; raises UsageError and ResultsError."""
    for path in (flags.json, flags.markdown):
        ResultFiles(path).open()
    sides = comparable_side(a, flags.force), comparable_side(b, flags.force)
    with readable(a, b):
        comparison = compared(*sides, flags.fail_if_worse)
    if flags.json is not None:
        deliver(flags.json, json_page(as_dict(comparison)))
    if flags.markdown is not None:
        deliver(flags.markdown, markdown_of(comparison).encode())
    if not flags.quiet:
        console = console_for(flags.json, flags.markdown, no_color=flags.no_color)
        console.print(shown(comparison))
    sys.exit(1 if comparison.fails(flags.fail_if_worse) else 0)


def comparable_side(directory: Path, force: bool = False) -> Side:
    """Read a run; raises UsageError, also if its times are mostly its generator's delay."""
    with readable(directory):
        side = Side.of(Record(directory))
    if not (side.accuracy.tells_something or force):
        raise UsageError(
            f"{directory} cannot be compared: its times are mostly the generator's own delay",
            "run it again with fewer users or on a quieter machine (compare --force goes on)",
        )
    return side
