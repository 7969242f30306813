"""Test that `hrp run` and `boomtalk run` send the same requests for the same case."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.boomtalk_cli import run_cli

from .cases import ALIKE, FAILING, FILES
from .different_requests import REQUESTS
from .different_steps import STEPS
from .recording import Recorder, Seen, recording
from .short_cases import FAILS

DIFFERENT = REQUESTS | STEPS

pytestmark = pytest.mark.extra


def hrp(case: Path, home: Path) -> bool:
    """Run the case with hrp, and return whether it passed."""
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
    return done.returncode == 0


@dataclass
class Sent:
    """The requests that a program sent for a case, and whether the case passed."""

    seen: list[Seen]
    well: bool

    @property
    def normal(self) -> list[bytes]:
        return [seen.normal() for seen in self.seen]

    def shown(self, url: str) -> list[str]:
        return [seen.shown(url) for seen in self.seen] + ([] if self.well else [FAILS])


def both(case: str, folder: Path) -> tuple[Sent, Sent, str]:
    """Return the requests of hrp and of boomtalk for the case, and the server's URL."""
    with recording() as recorder:
        path = written(case, folder, recorder)
        theirs = Sent([], hrp(path, folder / "home"))
        theirs.seen, recorder.seen = recorder.seen, []
        ended = run_cli("run", path.name, cwd=folder)
        return theirs, Sent(recorder.seen, ended.code == 0), recorder.url


def written(case: str, folder: Path, recorder: Recorder) -> Path:
    (folder / "home").mkdir()
    host = recorder.url.removeprefix("http://")
    for name, text in {**FILES, "case.yml": case}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("$URL", recorder.url).replace("$HOST", host))
    return folder / "case.yml"


@pytest.mark.parametrize("name", ALIKE)
def test_both_send_the_same(name: str, tmp_path: Path) -> None:
    theirs, ours, _ = both(ALIKE[name], tmp_path)
    assert theirs.well
    assert theirs.seen
    assert ours.well
    assert ours.normal == theirs.normal


@pytest.mark.parametrize("name", FAILING)
def test_both_fail_after_the_same_requests(name: str, tmp_path: Path) -> None:
    theirs, ours, _ = both(FAILING[name], tmp_path)
    assert not theirs.well
    assert not ours.well
    assert ours.normal == theirs.normal


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_wanted_difference_is_still_one(name: str, tmp_path: Path) -> None:
    case, their_requests, our_requests = DIFFERENT[name]
    theirs, ours, url = both(case, tmp_path)
    assert (theirs.shown(url), ours.shown(url)) == (their_requests, our_requests)
