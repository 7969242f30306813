"""This module finds the files and definitions that the steps of a case file refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from .definitions import Definition, definitions, is_call, parts_of, typed
from .fields import Fields, Notes
from .model import Case, Project, RequestStep, Written
from .nodes import Node
from .older import Form, modern_step
from .project import inside, shown
from .source import SUFFIXES


class Files(Protocol):
    """Reads files and loads cases; `opened` are the cases whose references are being followed."""

    @property
    def notes(self) -> Notes: ...
    @property
    def opened(self) -> Sequence[Path]: ...
    def source(self, path: Path) -> Node | None: ...
    def case(self, path: Path) -> Case | None: ...
    def build(self, source: Node, path: Path) -> Case | None: ...


class References(Struct):
    """What the steps of one file may refer to: files below its project root.

    `given` are the names that the file's config gives to all of its steps.
    """

    files: Files
    project: Project
    given: frozenset[str]
    form: Form = "map"
    defined: dict[str, Mapping[str, Definition]] = field(default_factory=dict)

    def case(self, fields: Fields) -> Case | None:
        node = fields.take("testcase")
        if node is not None and isinstance(node.value, dict):
            return self.files.build(node, Path(fields.file))
        if definition := self._definition(fields, "testcase"):
            case = self._case(fields, definition.path)
            return _with_all_exported(case) if case else None
        path = self._file(fields, "testcase", node)
        return self._case(fields, path) if path else None

    def _case(self, fields: Fields, path: Path) -> Case | None:
        if path.resolve() in self.files.opened:
            start = self.files.opened.index(path.resolve())
            circle = [shown(one) for one in (*self.files.opened[start:], path)]
            fields.problem("testcase", f"the references go in a circle: {' -> '.join(circle)}")
            return None
        return self.files.case(path)

    def api(self, fields: Fields) -> tuple[Fields, str] | None:
        node = fields.take("api")
        if node is not None and isinstance(node.value, dict):
            if self.form == "api":
                return self._fields(fields, node, Path(fields.file)), ""
            return fields.sub(modern_step(node), "api"), ""
        if definition := self._definition(fields, "api"):
            return self._fields(fields, definition.node, definition.path), definition.name
        path = self._file(fields, "api", node)
        source = self.files.source(path) if path else None
        if path is None or source is None:
            return None
        return self._fields(fields, source, path), path.stem

    def _fields(self, step: Fields, source: Node, path: Path) -> Fields:
        node, notes = modern_step(source), self.files.notes
        return Fields(node, shown(path), notes, step=step.step, strict=step.strict)

    def arguments(self, fields: Fields, key: str) -> dict[str, Written]:
        """Return what a call gives to what it calls: `api: get_user(1000)` gives `uid`."""
        definition = self._definition(fields, key)
        if definition is None:
            return {}
        _, given = parts_of(fields.entries[key].text)
        if len(given) != len(definition.names):
            wanted = ", ".join(definition.names) or "none"
            fields.problem(key, f"{len(given)} arguments for {definition.name}, it takes {wanted}")
        place = fields.place(key)
        pairs = zip(definition.names, given, strict=False)
        return {name: Written(typed(value), place) for name, value in pairs}

    def _definition(self, fields: Fields, key: str) -> Definition | None:
        """Return what a text names that is no path of a file, None if nothing has this name."""
        text = fields.entries[key].text if key in fields.entries else ""
        if not is_call(text):
            return None
        if key not in self.defined:
            named = "api" if key == "api" else "config"
            self.defined[key] = definitions(self.project.root, named, self.files.source)
        return self.defined[key].get(parts_of(text)[0])

    def _file(self, fields: Fields, key: str, node: Node | None) -> Path | None:
        if node is None or not isinstance(node.value, str):
            fields.problem(key, f"{key} needs a path below the project folder")
            return None
        if "(" in node.value and is_call(node.value):
            folder = "api" if key == "api" else "suite"
            fields.problem(
                key, f"nothing in the folder {folder} is named {parts_of(node.value)[0]}"
            )
            return None
        try:
            # Version 3 also took the separators of Windows (ensure_path_sep of its compat.py).
            path = inside(self.project.root, node.value.replace("\\", "/"))
        except ValueError as error:
            fields.problem(key, str(error))
            return None
        if path.suffix not in SUFFIXES:
            fields.problem(key, f"{node.value} is neither YAML nor JSON")
            return None
        return path


def _with_all_exported(case: Case) -> Case:
    """Export all that the case extracts: version 1 put its steps in the place of the call."""
    extracted = [
        name for step in case.steps if isinstance(step, RequestStep) for name in step.extract
    ]
    names = tuple(dict.fromkeys((*case.config.export, *extracted)))
    return replace(case, config=replace(case.config, export=names))
