"""This module reads a case file into a tree of nodes, with bounds on everything."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Callable
from pathlib import Path

from ..errors import CaseError, Place, Problem
from .json_source import parse_json
from .nodes import Node, SourceError
from .yaml_source import parse_yaml, second_document

BIGGEST_FILE = 16 * 1024 * 1024
SUFFIXES = (".yml", ".yaml", ".json")
# Names the JSON schema of a file, for editors; it says nothing about a run.
SCHEMA_KEY = "$schema"


Warn = Callable[[Place, str, str], None]


def read_source(path: Path, shown: str, warn: Warn = lambda place, what, hint: None) -> Node:
    """Read a YAML or JSON file; raises CaseError naming file and line.

    An empty file gives a node of None. Only the first document of YAML counts, as in HttpRunner;
    the author is warned of a second one, and of a key that is given twice with one value.
    """

    def twice(line: int, what: str) -> None:
        warn(Place(shown, line), what, "both have the same value")

    try:
        text = read_text(path)
        node = parse_source(text, path.suffix, twice)
        if path.suffix != ".json" and (line := second_document(text)):
            hint = "put it into a file of its own"
            warn(Place(shown, line), "a second document, which is not used", hint)
        return node
    except SourceError as error:
        problem = Problem(Place(shown, error.line), error.what, error.hint)
        raise CaseError([problem]) from error
    except OSError as error:
        raise CaseError([Problem(Place(shown), error.strerror or str(error))]) from error


def parse_source(
    text: str, suffix: str, twice: Callable[[int, str], None] = lambda line, what: None
) -> Node:
    """Parse a text; raises SourceError. `twice` hears of keys that are given again."""
    return parse_json(text, twice) if suffix == ".json" else parse_yaml(text, twice)


def read_text(path: Path) -> str:
    """Read a UTF-8 file of bearable size; raises SourceError for anything else."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(0, "not a plain file")
    if status.st_size > BIGGEST_FILE:
        raise SourceError(0, f"larger than {BIGGEST_FILE // 2**20} MiB")
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError(1, "UTF-16 text", "save the file as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(line, "not UTF-8 text", "save the file as UTF-8") from error
    if "\0" in text:
        raise SourceError(text.count("\n", 0, text.index("\0")) + 1, "binary data")
    return text
