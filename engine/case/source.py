"""A case file becomes a tree of nodes: YAML or JSON, read with bounds on everything."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from ..errors import CaseError, Place, Problem
from .json_source import parse_json
from .nodes import Node, SourceError
from .yaml_source import parse_yaml

BIGGEST_FILE = 16 * 1024 * 1024
SUFFIXES = (".yml", ".yaml", ".json")


def read_source(path: Path, shown: str) -> Node:
    """Read a YAML or JSON file; raises CaseError naming file and line.

    Only the first document counts. An empty file gives a node of None.
    """
    try:
        return parse_source(read_text(path), path.suffix)
    except SourceError as error:
        problem = Problem(Place(shown, error.line), error.what, error.hint)
        raise CaseError([problem]) from error
    except OSError as error:
        raise CaseError([Problem(Place(shown), error.strerror or str(error))]) from error


def parse_source(text: str, suffix: str) -> Node:
    """Parse a text; raises SourceError."""
    return parse_json(text) if suffix == ".json" else parse_yaml(text)


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
        raise SourceError(line, "not UTF-8 text") from error
    if "\0" in text:
        raise SourceError(text.count("\n", 0, text.index("\0")) + 1, "binary data")
    return text
