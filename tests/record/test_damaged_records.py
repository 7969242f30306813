"""Damage run directories in every way: each command says what is wrong and where, with exit 2."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from boomtalk.commands.assembly import compare_runs, render_run
from boomtalk.commands.flags.comparing import CompareFlags
from boomtalk.commands.flags.rendering import RenderFlags
from boomtalk.engine.errors import UsageError
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli

ROUNDS = 60
ODD: tuple[Any, ...] = (
    *(None, "x", "", -1, 0, 1.5, 1e308, 10**30, True, [], {}, [1], [[]], {"a": 1}, {"1": "2"}),
    *({"buckets": [1], "counts": [1, 2]}, {"buckets": [-1], "counts": [1]}, "\x00\x1b[31m"),
)

BROKEN = ("--threshold", "dropped>0")


@pytest.fixture(scope="module")
def whole(_running_target: TargetProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    flags = ("-u", "2", "-d", "2.2s", "--warmup", "1s", "--max-rps", "60")
    ended = run_cli(
        "boom", DEMO_CASE, "--base-url", _running_target.url, *flags, *BROKEN, "--out", out
    )
    assert ended.code == 1, ended
    return out


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "damaged"))


def commands(damaged: Path, whole: Path) -> Iterator[Callable[[], None]]:
    """Yield all that reads a run directory, with every form of its output."""
    folder = damaged.parent
    files = {name: folder / f"out.{name}" for name in ("json", "csv", "junit", "html", "markdown")}
    compared = CompareFlags(force=True, json=folder / "c.json", markdown=folder / "c.md")
    yield lambda: render_run(damaged, RenderFlags(**files))
    yield lambda: render_run(damaged, RenderFlags(curl=9))
    yield lambda: compare_runs(whole, damaged, compared)


def told(damaged: Path, whole: Path) -> list[str]:
    """Run all commands; return their errors. Anything but an error of use is a fault."""
    errors = []
    for command in commands(damaged, whole):
        try:
            with suppress(SystemExit):
                command()
        except UsageError as error:
            errors.append(str(error))
    return errors


def places_in(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield from places_in(value[key], (*place, key))


def change(value: Any, chance: Random) -> None:
    """Replace or remove something within the value, or put something into a list of it."""
    *path, last = chance.choice([place for place in places_in(value) if place])
    for key in path:
        value = value[key]
    how = chance.random()
    if how < 0.25:
        del value[last]
    elif how < 0.35 and isinstance(value, list):
        value.insert(last, chance.choice(ODD))
    else:
        value[last] = chance.choice(ODD)


def damage(directory: Path, chance: Random) -> None:
    """Change values in one of the files, or its bytes; half of the runs have no report."""
    record, report = directory / "record.jsonl", directory / "report.json"
    lines = record.read_bytes().splitlines(keepends=True)
    number = chance.randrange(len(lines))
    match chance.choice(("line", "line", "report", "cut", "bytes")):
        case "line":
            line = json.loads(lines[number])
            change(line, chance)
            lines[number] = json.dumps(line).encode() + b"\n"
        case "report":
            data = json.loads(report.read_bytes())
            change(data, chance)
            report.write_text(json.dumps(data))
            return
        case "cut":
            lines[number] = lines[number][: chance.randrange(len(lines[number]))]
        case _:
            lines[number] = chance.randbytes(chance.randrange(1, 200))
    record.write_bytes(b"".join(lines))
    if chance.random() < 0.5:
        report.unlink()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_any_damage_is_an_error_with_its_place_or_does_no_harm(
    damaged: Path, whole: Path, seed: int
) -> None:
    damage(damaged, Random(seed))

    for error in told(damaged, whole):
        assert error.startswith((f"{damaged}/record.jsonl:", f"{damaged}/report.json "))


def test_the_damage_is_found(whole: Path, tmp_path: Path) -> None:
    """Most damage is no harmless one: else the test above would prove nothing."""
    found = 0
    for seed in range(20):
        copy = Path(shutil.copytree(whole, tmp_path / f"{seed}" / "damaged"))
        damage(copy, Random(seed))
        found += bool(told(copy, whole))
    assert found > 8


def as_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def as_noise(path: Path) -> None:
    path.write_bytes(Random(1).randbytes(5_000))


@pytest.mark.parametrize("name", ["record.jsonl", "report.json"])
@pytest.mark.parametrize("spoil", [as_directory, as_pipe, as_loop, as_noise])
@pytest.mark.parametrize("command", ["report", "compare"])
def test_what_is_no_file_is_told(
    damaged: Path, whole: Path, name: str, spoil: Callable[[Path], None], command: str
) -> None:
    spoil(damaged / name)

    ended = run_cli(command, damaged, *([] if command == "report" else [whole]))

    assert (ended.code, ended.out) == (2, "")
    assert str(damaged / name) in ended.err
    assert "Traceback" not in ended.err


def test_a_name_that_no_file_can_have_is_told() -> None:
    ended = run_cli("report", "x" * 300)

    assert ended.code == 2
    assert "File name too long" in ended.err
