"""Run another program to its end."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.waiting import PATIENCE

# Installers fetch some thirty packages, on a busy machine and over any network.
INSTALL_SECONDS = 900.0


def run(
    command: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
) -> str:
    """Return what the program printed to stdout; it must succeed."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
