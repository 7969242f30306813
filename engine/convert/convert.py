"""Convert source files to the text of case files; the content of a file shows its format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..case.nodes import SourceError
from ..errors import CaseError, Place, Problem
from .curl import read_curl
from .damage import DAMAGE
from .draft import DraftCase
from .formats import Part, parts_of
from .har import Wanted, read_har
from .notes import Notes
from .openapi import read_openapi
from .postman import environment_of, read_postman
from .postman_v1 import modern
from .secrets import Secrets
from .steps import CaseParts, case_tree
from .uploads import Files
from .yaml_text import yaml_text


class Source(Struct, frozen=True):
    """A file to convert: its name, its text, and the folder that its paths are relative to."""

    name: str
    text: str
    folder: Path = Path()

    @property
    def title(self) -> str:
        return Path(self.name).stem if self.name != "-" else "converted"


class Converted(Struct, frozen=True):
    """The result: cases and files by name, pairs of the `.env`; `asked` are files to be given."""

    cases: Mapping[str, str]
    uploads: Mapping[str, bytes]
    environment: Mapping[str, str]
    notes: Sequence[Problem]
    asked: Sequence[str] = ()


class _Read(Struct, frozen=True):
    """A part of a source, with the notes of the source."""

    source: Source
    part: Part
    notes: Notes


def convert(
    sources: Sequence[Source], wanted: Wanted, taken: Mapping[str, str], upload_folder: str
) -> Converted:
    """Convert all sources. A Postman environment among them applies to all collections.

    `taken` are the pairs that the `.env` already has. `upload_folder` is the folder for uploaded
    files, relative to the project root. Raises CaseError with the problems of all sources.
    """
    secrets, files = Secrets(taken), Files(upload_folder)
    found, problems = _read(sources)
    environment = list(_environment(found))
    written: dict[str, str] = {}
    for one in found:
        try:
            parts = CaseParts(secrets, files, one.notes)
            for name, text in _texts(one, wanted, parts, environment):
                written[_file_name(name, written)] = text
        except SourceError as error:
            problems.append(_problem(one.source, error))
    if not written and not problems:
        what = "holds variables and no requests"
        problems = [Problem(Place(one.source.name), what, "give the collection") for one in found]
    if problems:
        raise CaseError(problems)
    notes = dict.fromkeys(note for one in found for note in one.notes.found)
    left = [_left(name) for name in dict.fromkeys(secrets.left)]
    return Converted(written, files.added, secrets.added, [*notes, *left], files.missing)


def _left(name: str) -> Problem:
    what = f"cannot hold {name}, which has several lines: it stays in the case"
    return Problem(Place(".env"), what)


def _read(sources: Iterable[Source]) -> tuple[list[_Read], list[Problem]]:
    found, problems = [], []
    for source in sources:
        notes = Notes(source.name)
        try:
            found += [_Read(source, part, notes) for part in parts_of(source.text)]
        except SourceError as error:
            problems.append(_problem(source, error))
    return found, problems


def _environment(found: Iterable[_Read]) -> Iterator[Mapping[str, Any]]:
    for one in found:
        if one.part.kind == "environment":
            yield from environment_of(one.part.tree, one.notes)


def _problem(source: Source, error: SourceError) -> Problem:
    return Problem(Place(source.name, error.line), error.what, error.hint)


def _texts(
    one: _Read, wanted: Wanted, parts: CaseParts, environment: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield the cases of a source; raises SourceError if it does not follow its format."""
    is_empty = one.part.kind != "environment"
    try:
        for case in _cases(one, wanted, parts.secrets, environment):
            if tree := case_tree(case, parts):
                is_empty = False
                yield case.name, yaml_text(tree)
    except SourceError:
        raise
    except DAMAGE as error:
        what = f"this is not a valid {one.part.kind} file: {type(error).__name__}: {error}"
        raise SourceError(0, what) from error
    if is_empty:
        told = [note for note in parts.notes.found if note.what.startswith("left out")]
        raise SourceError(0, f"no request can be converted: {told[0] if told else 'there is none'}")


def _cases(
    one: _Read, wanted: Wanted, secrets: Secrets, environment: Sequence[Mapping[str, Any]]
) -> Iterator[DraftCase]:
    source, notes, tree = one.source, one.notes, one.part.tree
    match one.part.kind:
        case "curl":
            yield read_curl(source.text, source.title, notes, source.folder, secrets)
        case "HAR":
            yield read_har(tree, source.title, wanted, notes, secrets)
        case "Postman":
            yield read_postman(tree, environment, secrets, notes)
        case "Postman v1":
            yield read_postman(modern(tree), environment, secrets, notes)
        case "OpenAPI":
            yield from read_openapi(tree, source.folder, secrets, notes)


def _file_name(name: str, taken: Mapping[str, str]) -> str:
    base = re.sub(r"[^\w.-]+", "-", name).strip("-.").lower()[:80] or "case"
    number = 1
    free = f"{base}.yml"
    while free in taken:
        number += 1
        free = f"{base}-{number}.yml"
    return free
