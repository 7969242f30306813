"""The same case under `hrp run` and `boomtalk run`: what arrives at the server is the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.boomtalk_cli import run_cli

from .cases import ALIKE, DIFFERENT, FILES
from .recording import Recorder, Seen, recording

pytestmark = pytest.mark.extra


def hrp(case: Path, home: Path) -> None:
    binary = os.environ.get("HRP_BIN")
    assert binary, "set HRP_BIN to the path of an hrp 4.3.5 binary"
    silent = {"HOME": str(home), "DISABLE_GA": "true", "DISABLE_SENTRY": "true"}
    done = subprocess.run(
        [binary, "run", case.name, "--log-requests-off"],
        cwd=case.parent,
        env={"PATH": os.environ["PATH"], **silent},
        capture_output=True,
        text=True,
        timeout=45,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def both(case: str, folder: Path) -> tuple[list[Seen], list[Seen]]:
    """Return what hrp and what boomtalk sent for the case."""
    with recording() as recorder:
        path = written(case, folder, recorder)
        hrp(path, folder / "home")
        theirs, recorder.seen = recorder.seen, []
        ended = run_cli("run", path.name, cwd=folder)
        assert ended.code == 0, ended
        return theirs, recorder.seen


def written(case: str, folder: Path, recorder: Recorder) -> Path:
    (folder / "home").mkdir()
    for name, text in {**FILES, "case.yml": case}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("$URL", recorder.url))
    return folder / "case.yml"


@pytest.mark.parametrize("name", ALIKE)
def test_both_send_the_same(name: str, tmp_path: Path) -> None:
    theirs, ours = both(ALIKE[name], tmp_path)
    assert theirs
    assert [seen.normal() for seen in ours] == [seen.normal() for seen in theirs]


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_wanted_difference_is_still_one(name: str, tmp_path: Path) -> None:
    case, their_text, our_text = DIFFERENT[name]
    theirs, ours = both(case, tmp_path)
    assert (text(theirs[-1]), text(ours[-1])) == (their_text, our_text)


def text(seen: Seen) -> str:
    """Return what the difference is about: the body, else the query, else the path."""
    path, _, query = seen.target.partition("?")
    return seen.body.decode() or query.rstrip("/") or path
