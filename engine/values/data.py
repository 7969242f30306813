"""This module reads data files below the project root: rows of CSV, JSON and YAML, and bytes."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path
from typing import Any

from ..case.nodes import SourceError
from ..case.source import parse_source
from ..case.yaml_source import second_document
from ..errors import BoomtalkError


class DataError(BoomtalkError, ValueError):
    """A data file that cannot be used; the text names file and line."""


def confined(root: Path, name: str) -> Path:
    """Return the real path of a plain file inside `root`; raises DataError otherwise.

    A relative name is looked for below the root, then below the working directory; what
    leads out of the root (`..`, an absolute path, a link) is refused, so are pipes and devices.
    """
    top = root.resolve()
    try:
        candidates = [(base / name).resolve() for base in (top, Path.cwd())]
        inside = [path for path in candidates if path.is_relative_to(top)]
        found = next((path for path in inside if path.exists()), None)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle
        raise DataError(f"{name!r} cannot be a file: {error}") from error
    if not inside:
        raise DataError(f"{name}: outside the project folder {top.name}")
    if found is None:
        raise DataError(f"{name}: no such file in the project folder {top.name}")
    if not stat.S_ISREG(found.stat().st_mode):
        raise DataError(f"{name}: not a plain file")
    return found


def read_bytes(root: Path, name: str) -> bytes:
    return confined(root, name).read_bytes()


def read_rows(root: Path, name: str) -> list[dict[str, Any]]:
    """Read a list of maps; CSV cells are texts. Raises DataError naming file and line."""
    content = read_bytes(root, name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not UTF-8 at byte {error.start}") from error
    suffix = Path(name).suffix.lower()
    if suffix in (".json", ".yml", ".yaml"):
        return _checked(name, _tree(name, text, suffix))
    return _csv(name, text)


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
