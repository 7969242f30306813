"""Render a run again from its directory."""

from __future__ import annotations

import sys
from pathlib import Path

from boomtalk.engine.output.streams import say
from boomtalk.engine.page.page import page_of
from boomtalk.engine.record.curls import curls_of
from boomtalk.engine.record.reading import Record, readable
from boomtalk.engine.report.result_files import ResultFiles
from boomtalk.engine.report.summary import summary

from ..flags.rendering import RenderFlags
from .console import console_for


def render_run(directory: Path, flags: RenderFlags) -> None:
    """Write the files that are asked for and print the summary, or curl commands.

    Raises UsageError for a directory without a record, ResultsError for files.
    """
    files = ResultFiles.of(flags)
    files.open()
    with readable(directory):
        record = Record(directory)
        files.write(record.report, lambda: page_of(record))
        if flags.curl:
            say(sys.stdout, "\n".join(curls_of(record.samples(), flags.curl)))
        elif not flags.quiet:
            console = console_for(*files.paths, no_color=flags.no_color)
            console.print(summary(record.report, console.width))
