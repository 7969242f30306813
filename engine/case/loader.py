"""This module loads case files and folders with all they refer to, and reports all problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from ..errors import CaseError, Place, Problem, UsageError
from .config import read_config
from .fields import Fields, Notes
from .folders import beginning, is_case_or_suite, meant_as_case, mentions_steps, walk, why_left_out
from .hints import meant
from .model import Case, Config, Project, Step
from .nodes import Node
from .older import Form, case_of_api, case_of_list, form_of, modern_step
from .project import find_project, read_environment, shown
from .references import References
from .source import SCHEMA_KEY, SUFFIXES, read_source
from .steps import read_step
from .suites import is_suite, read_suite


class Loaded(Struct, frozen=True):
    """The cases in the order given, and what their author should know but may ignore."""

    cases: tuple[Case, ...]
    warnings: tuple[Problem, ...]


def load_cases(
    paths: str | Path | Sequence[str | Path],
    env: Mapping[str, str] | None = None,
    env_file: str | Path | None = None,
) -> Loaded:
    """Load one or more case files and folders.

    A file must be a case, a suite or an API. A folder is walked in lexical order, hidden and
    linked folders left out; its cases and suites count, and files that hold steps in another
    way are named in a warning. `env` beats the pairs of `env_file`, which
    is read instead of each project's `.env`. Raises CaseError with every problem of every file,
    and UsageError for a path that does not exist or holds no case, and for other arguments.
    """
    wanted = _paths_of(paths)
    loader = _Loader(_texts_of(env or {}), None if env_file is None else _paths_of(env_file)[0])
    try:
        cases = [case for path in wanted for case in loader.path(path)]
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from error
    if loader.notes.problems:
        raise CaseError(list(dict.fromkeys(loader.notes.problems)), loader.sound)
    if not cases:
        raise UsageError(f"no test case in {', '.join(map(str, wanted)) or 'an empty list'}")
    return Loaded(tuple(cases), tuple(dict.fromkeys(loader.notes.warnings)))


def _paths_of(paths: Any) -> list[Path]:
    every = [paths] if isinstance(paths, str | Path) else paths
    if not isinstance(every, Iterable) or isinstance(every, bytes):
        raise UsageError(f"{paths!r} is not a path", 'pass load_cases(["shop.yml"])')
    wanted = list(every)
    for one in wanted:
        if not isinstance(one, str | Path) or "\0" in str(one):
            raise UsageError(f"{one!r} is not a path", 'pass load_cases(["shop.yml"])')
    return [Path(one) for one in wanted]


def _texts_of(env: Any) -> Mapping[str, str]:
    is_map = isinstance(env, Mapping)
    if not is_map or not all(isinstance(one, str) for pair in env.items() for one in pair):
        raise UsageError("env must map names to texts", 'pass {"HOST": "http://127.0.0.1:8080"}')
    return dict(env)


class _Loader(Struct):
    """One call of load_cases: files are read once, open references are remembered."""

    env: Mapping[str, str]
    env_file: Path | None
    notes: Notes = field(default_factory=Notes)
    loaded: dict[Path, Case | None] = field(default_factory=dict)
    sources: dict[Path, Node | None] = field(default_factory=dict)
    environments: dict[Path, dict[str, str]] = field(default_factory=dict)
    opened: list[Path] = field(default_factory=list)
    sound: list[Case] = field(default_factory=list)

    def path(self, path: Path) -> Iterator[Case]:
        if path.is_dir():
            for found in walk(path):
                if self.is_runnable(found):
                    yield from self._one(found)
        elif not path.exists():
            raise UsageError(f"{path}: no such file or folder", _url_hint(str(path)))
        elif path.suffix not in SUFFIXES:
            raise UsageError(f"{path}: not a case file", f"one of {', '.join(SUFFIXES)}")
        else:
            yield from self._one(path)

    def _one(self, path: Path) -> Iterator[Case]:
        known = len(self.notes.problems)
        source = self.source(path)
        if source is not None and is_suite(source):
            cases = self.suite(source, path)
        else:
            cases = [case for case in [self.case(path)] if case]
        if len(self.notes.problems) == known:
            self.sound += cases
        yield from cases

    def is_runnable(self, path: Path) -> bool:
        """Say whether a file of a folder is run; one that should be, it seems, is named."""
        try:
            text = beginning(path)
        except OSError:
            return True
        if not mentions_steps(text):
            return False
        source, notes = self.peek(path)
        wanted = meant_as_case(text) if source is None else is_case_or_suite(source)
        if wanted:
            self.notes.problems += notes.problems
        elif source is not None and (reason := why_left_out(source)):
            self.notes.warn(Place(shown(path), source.line), f"is not run: {reason[0]}", reason[1])
        return wanted and source is not None

    def peek(self, path: Path) -> tuple[Node | None, Notes]:
        """Read a file and return what there is to say of it, which counts only if it is used."""
        before, self.notes = self.notes, Notes()
        source = self.source(path)
        notes, self.notes = self.notes, before
        if notes.problems or notes.warnings:
            del self.sources[path.resolve()]
        return source, notes

    def source(self, path: Path) -> Node | None:
        """Read a file once; None if it cannot be read, which is noted."""
        key = path.resolve()
        if key not in self.sources:
            try:
                self.sources[key] = read_source(path, shown(path), self.notes.warn)
            except CaseError as error:
                self.notes.problems += error.problems
                self.sources[key] = None
        return self.sources[key]

    def case(self, path: Path) -> Case | None:
        """Load a case once; None if it cannot be one, which is noted."""
        key = path.resolve()
        if key not in self.loaded:
            source = self.source(path)
            self.opened.append(key)
            self.loaded[key] = self.build(source, path) if source is not None else None
            self.opened.pop()
        return self.loaded[key]

    def build(self, source: Node, path: Path) -> Case | None:
        file = shown(path)
        form = form_of(source)
        steps = self.steps_of(top := Fields(self.as_today(source, file, form), file, self.notes))
        if steps is None:
            return None
        config = top.inner_or_empty("config")
        top.known.add(SCHEMA_KEY)
        top.finish()
        project = self.project(path, file)
        built = read_config(config, path.stem, project.environment)
        references = References(self, project, frozenset(_names_given(built)), form)
        found = [self.step(node, file, references, at) for at, node in enumerate(steps, 1)]
        return Case(path, project, built, tuple(step for step in found if step))

    def as_today(self, source: Node, file: str, form: Form) -> Node:
        """Return the tree of a case in today's form."""
        if form == "list":
            return case_of_list(source, file, self.notes)
        return case_of_api(source) if form == "api" else source

    def steps_of(self, top: Fields) -> list[Node] | None:
        """Return the steps of a case; None if there are none, which is noted."""
        steps = top.take("teststeps")
        if steps is not None and isinstance(steps.value, list):
            items: list[Node] = steps.value
            return items
        if steps is not None:
            top.problem("teststeps", "must be a list", "begin each step with -")
        elif top.has("teststeps"):
            hint = "write the steps below it, each beginning with -"
            top.problem("teststeps", "teststeps is empty", hint)
        elif is_suite(top.node):
            top.problem("testcases", "a test suite is not a test case", "name one of its cases")
        elif isinstance(top.node.value, dict | None):
            near = [key for key in top.entries if meant(key, ["teststeps"])]
            hint = f"write teststeps instead of {near[0]}" if near else ""
            top.problem("teststeps", "no teststeps: this is not a test case", hint)
        return None

    def suite(self, source: Node, path: Path) -> list[Case]:
        file = shown(path)
        references = References(self, self.project(path, file), frozenset())
        cases = read_suite(Fields(source, file, self.notes), path.stem, references.case)
        return [replace(case, suite=path) for case in cases]

    def step(self, node: Node, file: str, references: References, number: int) -> Step | None:
        name = dict(node.items()).get("name")
        known_as = (name.text if name else "") or f"#{number}"
        # The checks of a misspelt `validate` would be missing. Versions 1 and 2 took such files.
        strict = references.form != "list"
        fields = Fields(modern_step(node), file, self.notes, step=known_as, strict=strict)
        return read_step(fields, references)

    def project(self, path: Path, file: str) -> Project:
        root, plugin, warnings = find_project(path, file)
        self.notes.warnings += warnings
        return Project(root, plugin, {**self.environment(root), **self.env})

    def environment(self, root: Path) -> dict[str, str]:
        """Read the environment file that counts for a project, once."""
        path = self.env_file or root / ".env"
        if path not in self.environments:
            self.environments[path] = {}
            if path.exists() or self.env_file:
                try:
                    self.environments[path] = read_environment(path, shown(path))
                except CaseError as error:
                    self.notes.problems += error.problems
        return self.environments[path]


def _names_given(config: Config) -> Iterator[str]:
    yield from config.variables
    for group in config.parameters:
        yield from group.names


def _url_hint(path: str) -> str:
    # A path has lost the second slash of a URL.
    if not re.match(r"[a-z]+:/|[\w.-]+:\d+(/|$)", path):
        return ""
    return "a URL, for boom and find-limit, begins with http:// or https://"
