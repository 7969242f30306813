"""Convert files of other tools and write the cases."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from boomtalk.engine.convert.convert import Source, convert
from boomtalk.engine.convert.folder import Folder
from boomtalk.engine.convert.har import Wanted
from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.streams import say

from ..flags.converting import ConvertFlags


def convert_files(names: Sequence[str], flags: ConvertFlags) -> None:
    """Write the cases, their paths to stdout and notes to stderr; raises UsageError."""
    wanted = Wanted(
        hosts=flags.host or (),
        methods=flags.method or (),
        include=flags.include,
        exclude=flags.exclude,
        static=flags.static,
        pauses=not flags.no_think_time,
    )
    sources = [_source(name) for name in names]
    folder = Folder.of(flags.output_dir)
    converted = convert(sources, wanted, folder.environment(), folder.uploads)
    written = folder.write(converted, replace=flags.force)
    for note in (*converted.notes, *folder.notes(converted)):
        say(sys.stderr, f"note: {note}")
    for path in written:
        say(sys.stdout, str(path))


def _source(name: str) -> Source:
    """Read a file or stdin; raises UsageError."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return Source(name, content.decode("utf-8-sig"), Path(name).parent)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 text") from error
