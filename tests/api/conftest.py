"""Cases for programs that run loads themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from boomtalk.engine import Case, Load, Ramp, Run, RunSettings, load_cases
from boomtalk.examples.target import TargetProcess

CASE = """
config: {name: items}
teststeps:
  - name: list items
    request: {method: GET, url: /api/items}
    validate: [{eq: [status_code, 200]}]
"""
PACE = 100


@pytest.fixture
def cases(tmp_path: Path) -> Sequence[Case]:
    path = tmp_path / "items.yml"
    path.write_text(CASE)
    return load_cases(path).cases


@pytest.fixture
def endless(cases: Sequence[Case], target: TargetProcess) -> Callable[..., Run]:
    """Return a maker of runs that end only when they are told to."""

    def make(**options: object) -> Run:
        load = Load(Ramp(3), max_requests=PACE)
        return Run(cases, load, RunSettings(base_url=target.url), **options)  # type: ignore[arg-type]

    return make
