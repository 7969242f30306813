"""Test the image of the command: its file, and its steps, carried out in a folder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from .commands import INSTALL_SECONDS, run
from .conftest import NOT_SOURCE, ROOT

# The base image python:3.13-alpine has about 45 MB, and the whole must stay below 150.
MOST_BYTES = 100e6


def instructions() -> list[tuple[str, str]]:
    """Return each instruction with its text, without comments and broken lines."""
    text = (ROOT / "deploy" / "Dockerfile.cli").read_text().replace("\\\n", "")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


STEPS = instructions()


def test_the_last_stage_runs_the_program_as_a_user_without_rights() -> None:
    begin = max(number for number, (word, _) in enumerate(STEPS) if word == "FROM")
    last = dict(STEPS[begin:])
    assert last["ENTRYPOINT"] == '["boomtalk"]'
    assert last["USER"] == "boomtalk"
    assert ("RUN", "adduser -D -u 1000 boomtalk") in STEPS[begin:]
    assert last["COPY"] == "--from=build /opt/boomtalk /opt/boomtalk"


def test_nothing_is_compiled_and_every_package_is_locked() -> None:
    scripts = " ".join(rest for word, rest in STEPS if word == "RUN")
    assert not re.search(r"\bapk\b|\bgcc\b|build-base", scripts)
    installs = re.findall(r"pip install [^&]*", scripts)
    assert installs
    for install in installs:
        assert "--require-hashes --only-binary :all:" in install or "--no-index" in install


def test_what_is_copied_exists_and_what_is_large_or_private_is_left_out() -> None:
    sources = [rest.split()[0] for word, rest in STEPS if word == "COPY" and "--from" not in rest]
    assert sources == ["requirements/run.txt", "."]
    assert all((ROOT / source).exists() for source in sources)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", "**/.venv", "build", "**/results"} <= set(ignored)


@pytest.mark.extra
@pytest.mark.timeout(2 * INSTALL_SECONDS)
def test_the_steps_make_a_program_that_is_small_enough(tmp_path: Path) -> None:
    source, home = tmp_path / "source", tmp_path / "opt"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    shutil.copy(ROOT / "requirements" / "run.txt", tmp_path / "requirements.txt")
    for word, rest in STEPS[: STEPS.index(("COPY", "--from=build /opt/boomtalk /opt/boomtalk"))]:
        if word == "RUN":
            script = rest.replace("/opt/boomtalk", str(home)).replace(
                "python -m", sys.executable + " -m"
            )
            run(["sh", "-ec", script], tmp_path, timeout=INSTALL_SECONDS)
    size = sum(path.lstat().st_size for path in home.rglob("*"))
    assert size < MOST_BYTES
    environment = {"PATH": os.environ["PATH"]}
    shown = run(
        [str(home / "bin" / "boomtalk"), "demo", "-u", "2", "-d", "1s", "--plain"],
        tmp_path,
        environment,
    )
    assert "failed" not in shown.splitlines()[-1]
