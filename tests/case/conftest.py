"""Provide a project folder that tests fill file by file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.loader import Loaded, load_cases
from boomtalk.engine.case.model import Case
from boomtalk.engine.errors import CaseError


class ProjectFolder:
    """The working directory of a test; tests put files into it as texts."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def load(self, *names: str, **options: Any) -> Loaded:
        return load_cases([Path(name) for name in names], **options)

    def case(self, text: str, name: str = "case.yml") -> Case:
        """Write one case file and load it."""
        self.put(name, text)
        return self.load(name).cases[0]

    def step(self, text: str) -> Any:
        """Load a case of one step, written as a YAML flow map."""
        return self.case(f"teststeps:\n  - {text}\n").steps[0]

    def problems(self, text: str, name: str = "case.yml") -> list[str]:
        """Return the reported problems of a case that cannot run."""
        self.put(name, text)
        with pytest.raises(CaseError) as error:
            self.load(name)
        return [str(problem) for problem in error.value.problems]

    def warnings(self, text: str) -> list[str]:
        self.put("case.yml", text)
        return [str(warning) for warning in self.load("case.yml").warnings]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFolder:
    monkeypatch.chdir(tmp_path)
    return ProjectFolder(tmp_path)


@pytest.fixture
def plain() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a map of written values without their places."""
    return lambda written: {name: value.value for name, value in written.items()}
