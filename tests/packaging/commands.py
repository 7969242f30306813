"""Run another program to its end."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.waiting import PATIENCE


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Return what the program printed to stdout; it must succeed."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
