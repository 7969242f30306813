"""This module reads data files below the project root: rows of CSV, JSON and YAML, and bytes."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import stat
from pathlib import Path
from typing import Any

from ..case.hints import meant_file
from ..case.nodes import SourceError
from ..case.source import parse_source
from ..case.yaml_source import second_document
from ..errors import BoomtalkError

# A frequent Chinese character. In a text in Latin letters two bytes of these seldom meet.
_GB2312 = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]")


class DataError(BoomtalkError, ValueError):
    """A data file that cannot be used; the text names file and line."""


def confined(root: Path, name: str, *, beside: bool = False) -> Path:
    """Return the real path of a plain file inside `root`; raises DataError otherwise.

    A relative name is looked for below the root, then below the working directory; what
    leads out of the root (`..`, an absolute path, a link) is refused, so are pipes and devices.
    With `beside` the file may be below the working directory as well, wherever the root is.
    """
    top, here = root.resolve(), Path.cwd()
    allowed = (top, here) if beside and here != Path(here.anchor) else (top,)
    name = name.replace("\\", "/")
    try:
        candidates = [(base / name).resolve() for base in (top, here)]
        inside = [path for path in candidates if any(map(path.is_relative_to, allowed))]
        there = [path for path in candidates if path.exists()]
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle
        raise DataError(f"{name!r} cannot be a file: {error}") from error
    found = next((path for path in there if path in inside), None)
    if found is None and (there or not inside):
        raise DataError(f"{name}: outside the project folder {top.name}")
    if found is None:
        told = f"{name}: no such file in the project folder {top.name}"
        raise DataError("; ".join(filter(None, (told, meant_file(allowed, name)))))
    if not stat.S_ISREG(found.stat().st_mode):
        raise DataError(f"{name}: not a plain file")
    return found


def read_bytes(root: Path, name: str) -> bytes:
    return confined(root, name, beside=True).read_bytes()


def read_rows(root: Path, name: str) -> list[dict[str, Any]]:
    """Read a list of maps; CSV cells are texts. Raises DataError naming file and line."""
    text = _decoded(name, read_bytes(root, name))
    suffix = Path(name).suffix.lower()
    if suffix in (".json", ".yml", ".yaml"):
        return _checked(name, _tree(name, text, suffix))
    return _csv(name, text)


def _decoded(name: str, content: bytes) -> str:
    """Return the text, which is UTF-8, or GBK as Excel saves a CSV in Chinese Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _GB2312.search(content):
            with contextlib.suppress(UnicodeDecodeError):
                return content.decode("gb18030")
        told = f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8"
        raise DataError(f"{told} (in Excel: CSV UTF-8)") from error


def _tree(name: str, text: str, suffix: str) -> Any:
    try:
        tree = parse_source(text, suffix).plain()
    except SourceError as error:
        raise DataError(f"{name}:{error.line}: {error.what}") from error
    if suffix != ".json" and (line := second_document(text)):
        raise DataError(f"{name}:{line}: a second document; only one can be read")
    return tree


def _checked(name: str, rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{name}: must hold a list of maps")
    return rows


def _csv(name: str, text: str) -> list[dict[str, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next((row for row in reader if row), None)
        if names is None:
            raise DataError(f"{name}: empty; the first row must hold the names")
        return [_row(name, reader.line_num, names, cells) for cells in reader if cells]
    except csv.Error as error:
        raise DataError(f"{name}:{reader.line_num}: {error}") from error


def _row(name: str, line: int, names: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(names):
        raise DataError(f"{name}:{line}: {len(cells)} cells, but {len(names)} names")
    return dict(zip(names, cells, strict=True))
