"""Convert source files to the text of case files; the content of a file shows its format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..case.nodes import SourceError
from ..case.yaml_source import parse_yaml
from ..errors import CaseError, Place, Problem
from .curl import read_curl
from .draft import DraftCase
from .har import Wanted, read_har
from .notes import Notes
from .openapi import read_openapi
from .postman import environment_of, read_postman
from .secrets import Secrets
from .steps import CaseParts, case_tree
from .uploads import Files
from .yaml_text import yaml_text

_KINDS = "HAR, Postman v2, curl and OpenAPI 3 can be converted"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to convert: its name, its text, and the folder that its paths are relative to."""

    name: str
    text: str
    folder: Path = Path()

    @property
    def title(self) -> str:
        return Path(self.name).stem if self.name != "-" else "converted"


@dataclass(frozen=True, slots=True)
class Converted:
    """The result: text of cases by file name, uploaded files by name, new pairs of the `.env`."""

    cases: Mapping[str, str]
    uploads: Mapping[str, bytes]
    environment: Mapping[str, str]
    notes: Sequence[Problem]


@dataclass(slots=True)
class _Read:
    """A source with its parsed content, which is None for a script of curl commands."""

    source: Source
    tree: Any
    kind: str
    notes: Notes = field(init=False)

    def __post_init__(self) -> None:
        self.notes = Notes(self.source.name)


def convert(
    sources: Sequence[Source], wanted: Wanted, taken: Mapping[str, str], upload_folder: str
) -> Converted:
    """Convert all sources. A Postman environment among them applies to all collections.

    `taken` are the pairs that the `.env` already has. `upload_folder` is the folder for uploaded
    files, relative to the project root. Raises CaseError with the problems of all sources.
    """
    secrets, files, problems = Secrets(taken), Files(upload_folder), []
    found: list[_Read] = []
    for source in sources:
        try:
            found.append(_parsed(source))
        except SourceError as error:
            problems.append(_problem(source, error))
    environment = [pair for one in found if one.kind == "environment" for pair in one.tree]
    written: dict[str, str] = {}
    for one in found:
        try:
            parts = CaseParts(secrets, files, one.notes)
            for name, text in _texts(one, wanted, parts, environment):
                written[_file_name(name, written)] = text
        except SourceError as error:
            problems.append(_problem(one.source, error))
    if problems:
        raise CaseError(problems)
    notes = [note for one in found for note in one.notes.found]
    for name in dict.fromkeys(secrets.left):
        what = f"cannot hold {name}, which has several lines: it stays in the case"
        notes.append(Problem(Place(".env"), what))
    return Converted(written, files.added, secrets.added, notes)


def _problem(source: Source, error: SourceError) -> Problem:
    return Problem(Place(source.name, error.line), error.what, error.hint)


def _parsed(source: Source) -> _Read:
    text = source.text.removeprefix("\ufeff")  # the byte order mark of exports on Windows
    if text.lstrip()[:1] in ("{", "["):
        return _told_apart(source, _json(text))
    if re.search(r"^\s*(?:\$ )?curl\s", text, re.MULTILINE):
        return _Read(source, None, "curl")
    return _told_apart(source, parse_yaml(text).plain())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(error.lineno, f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise SourceError(0, "nested too deep") from error


def _told_apart(source: Source, tree: Any) -> _Read:
    if isinstance(tree, Mapping):
        if isinstance(tree.get("log"), Mapping) and "entries" in tree["log"]:
            return _Read(source, tree, "HAR")
        if "item" in tree and "info" in tree:
            return _Read(source, tree, "Postman")
        if "values" in tree and "name" in tree:
            return _Read(source, environment_of(tree), "environment")
        if "openapi" in tree:
            return _Read(source, tree, "OpenAPI")
        if "swagger" in tree:
            raise SourceError(0, f"OpenAPI {tree['swagger']} is not converted", _KINDS)
        if "teststeps" in tree:
            raise SourceError(0, "this is already a test case")
    raise SourceError(0, "this is not a known format", _KINDS)


def _texts(
    one: _Read, wanted: Wanted, parts: CaseParts, environment: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield the cases of a source; raises SourceError if it does not follow its format."""
    try:
        for case in _cases(one, wanted, parts.secrets, environment):
            text = yaml_text(case_tree(case, parts))
            # Not every text in JSON is possible in YAML; parsing finds out.
            parse_yaml(text)
            yield case.name, text
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        what = f"this is not a valid {one.kind} file: {type(error).__name__}: {error}"
        raise SourceError(0, what) from error


def _cases(
    one: _Read, wanted: Wanted, secrets: Secrets, environment: Sequence[Mapping[str, Any]]
) -> Iterator[DraftCase]:
    source, notes = one.source, one.notes
    match one.kind:
        case "curl":
            yield read_curl(source.text, source.title, notes, source.folder)
        case "HAR":
            yield read_har(one.tree, source.title, wanted, notes)
        case "Postman":
            yield read_postman(one.tree, environment, secrets, notes)
        case "OpenAPI":
            yield from read_openapi(one.tree, secrets, notes)


def _file_name(name: str, taken: Mapping[str, str]) -> str:
    base = re.sub(r"[^\w.-]+", "-", name).strip("-.").lower()[:80] or "case"
    number = 1
    free = f"{base}.yml"
    while free in taken:
        number += 1
        free = f"{base}-{number}.yml"
    return free
