"""Provide a bench in a temporary project folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bench import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return a bench whose project has the function `f`, which returns its arguments."""
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path, {"f": lambda *given, **named: [*given, *named.items()]})
