"""Type the commands of a page in a temporary folder, with long loads cut short."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from boomtalk.examples.target import TargetProcess

from tests.compare.runs import Law, recorded
from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Ended, read_report, run_cli, started

from .pages import ROOT, blocks_of

PLACEHOLDER = "http://127.0.0.1:8080"

# Flags that make a command of a page short enough for a test; the last one of a kind wins.
SHORTER: Mapping[str, tuple[str, ...]] = {
    "boom": ("-i", "5"),
    "demo": ("-u", "3", "-d", "1s"),
    "find-limit": ("--step", "500ms", "--to", "15/s"),
    "doctor": ("--no-ceiling",),
    "run": (),
    "check": (),
    "init": (),
    "convert": (),
    "report": (),
    "compare": (),
}
AIMED = ("boom", "find-limit", "run", "check")
# Whether a threshold holds, and what the doctor finds, depends on the machine; five iterations
# are too few for a comparison.
MAY_END_WITH_1 = ("--threshold", "--baseline", "doctor")
# What --strict makes of a run on a machine that has too much else to do.
UNTRUSTED = 5
FILES = ("--json", "--html", "--junit", "--csv", "--samples", "--markdown")

# The width of the tables in the pages.
WIDTH = "100"

STEPS = ("login - log in", "list items", "look at item")
BEFORE = Law(steps=STEPS)
AFTER = Law(steps=STEPS, seed=1, median=BEFORE.median * 1.5)


class Reader:
    """Runs one command after the other; `shown` is all output of the program."""

    def __init__(self, folder: Path, target: TargetProcess) -> None:
        self.folder = folder
        self.shown = ""
        self._target = target

    def type(self, words: Sequence[str]) -> None:
        program, *rest = words
        if program == "cd":
            self.folder /= rest[0]
        elif program == "make":
            assert re.search(rf"^{rest[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        elif program == "pip":
            _check_name(rest)
        else:
            assert program == "boomtalk"
            self._boomtalk(*rest)

    def _boomtalk(self, command: str, *words: str) -> None:
        if command == "target":
            self.shown += serve_for_a_moment(self.folder)
            return
        assert command in SHORTER, "say above how this command is tried"
        words = tuple(word.replace(PLACEHOLDER, self._target.url) for word in words)
        self._prepare(command, words)
        typed = (command, *words, *self._aim(command, words))
        ended = run_cli(*typed, cwd=self.folder, env={"COLUMNS": WIDTH})
        self._look_at(command, words, ended)
        self.shown += ended.out

    def _aim(self, command: str, words: Sequence[str]) -> list[str]:
        aimed = command in AIMED and "--base-url" not in words
        return [*(["--base-url", self._target.url] if aimed else ()), *SHORTER[command]]

    def _prepare(self, command: str, words: Sequence[str]) -> None:
        """Write the files that the page assumes."""
        if "--profile" in words and not (self.folder / _after("--profile", words)).exists():
            (profile,) = blocks_of("yaml profile")
            (self.folder / _after("--profile", words)).write_text(profile.text)
        for block in blocks_of("yaml"):
            if block.name in words:
                (self.folder / block.name).write_text(block.text)
        if command == "report" and not (self.folder / words[0]).exists():
            ended = run_cli("boom", "shop.yml", "-i", "5", "--out", words[0], cwd=self.folder)
            assert ended.code == 0, ended
        if command == "compare":
            for name, law in zip(words, (BEFORE, AFTER), strict=False):
                self._record(name, law)
        if "--baseline" in words:
            self._record(_after("--baseline", words), BEFORE)

    def _record(self, name: str, law: Law) -> None:
        """Record a run that is long enough to be compared, in place of one that was cut short."""
        directory = self.folder / name
        for file in directory.glob("*"):
            file.unlink()
        recorded(directory, law)

    def _look_at(self, command: str, words: Sequence[str], ended: Ended) -> None:
        lenient = {command, *words} & {*MAY_END_WITH_1}
        good = {1} if command == "compare" else {0, 1} if lenient else {0}
        if "--strict" in words:
            good.add(UNTRUSTED)
        assert ended.code in good, ended
        assert "error" not in ended.err, ended
        if command == "boom" and not {"--dry-run", "--no-out"} & {*words}:
            newest = max((self.folder / "results").glob("*/report.json"), key=_written)
            check_accounting(read_report(newest))
        for flag in {*FILES} & {*words}:
            name = _after(flag, words)
            assert name == "-" or (self.folder / name).stat().st_size > 0


def serve_for_a_moment(folder: Path) -> str:
    """Return the output of `boomtalk target` at a free port."""
    with started(["target", "--port", "0"], cwd=folder) as serving:
        serving.wait_for('"url": "http://127.0.0.1:')
        serving.interrupt()
        ended = serving.wait()
    assert ended.code == 0, ended
    assert json.loads(ended.out)["url"]
    return ended.out


def _check_name(words: Sequence[str]) -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
    assert words[0] == "install"
    assert re.fullmatch(rf"\.|{named}(\[\w+\])?", words[1])


def _after(flag: str, words: Sequence[str]) -> str:
    return words[words.index(flag) + 1]


def _written(file: Path) -> int:
    return file.stat().st_mtime_ns
