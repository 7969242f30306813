"""Test the screen: the live table on a terminal, plain lines elsewhere, a reader that leaves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli
from tests.support.terminal import on_terminal
from tests.support.waiting import PATIENCE

ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def on_a_terminal(width: int, height: int, *arguments: str) -> tuple[int, bytes]:
    """Run the program to its end; return its exit code and every byte it wrote."""
    with on_terminal(width, height, *arguments) as terminal:
        return terminal.wait(), terminal.written


def boom(target: TargetProcess, *arguments: str) -> tuple[str, ...]:
    fixed = ("boom", str(DEMO_CASE), "--base-url", target.url, "-u", "5", "--no-out")
    return (*fixed, *arguments)


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_live_table_fits_and_its_last_frame_stays(width: int, target: TargetProcess) -> None:
    with on_terminal(width, 40, *boom(target, "-d", "1m")) as terminal:
        # A busy machine draws few frames, so wait for one that shows the running load.
        terminal.wait_for("5/5 users")
        terminal.press("q")
        assert terminal.wait() == 130
    written = terminal.written
    text = ESCAPE.sub(b"", written).decode()
    lines = text.replace("\r", "\n").split("\n")
    assert max(map(len, lines)) <= width
    for wanted in ("req/s", "1 plugin process", "calls/s", "5/5 users", "p95", "order", "checkout"):
        assert wanted in text, wanted
    # The last frame stays on the screen; the summary follows below it.
    assert "in flight 0" in text
    assert text.rindex("in flight 0") < text.rindex("requests    issued")
    assert b"\x1b[?25h" in written, "the cursor is shown again"


def test_a_narrow_table_keeps_the_names_of_the_steps(target: TargetProcess) -> None:
    code, written = on_a_terminal(40, 40, *boom(target, "-i", "20"))
    assert code == 0
    lines = ESCAPE.sub(b"", written).decode().replace("\r", "\n").split("\n")
    assert max(map(len, lines)) <= 40
    for step in ("own profile", "list items", "checkout"):
        assert re.search(rf"^  {step} +[\d ]+ ", "\n".join(lines), re.M), step


def test_what_limits_the_run_is_told_in_full_at_80_columns(target: TargetProcess) -> None:
    code, written = on_a_terminal(80, 40, *boom(target, "-d", "1s"))
    assert code == 0
    frames, _, _ = ESCAPE.sub(b"", written).decode().partition("requests    issued")
    assert re.search(r"limited by [a-z_]+   time server \d+% .* rest \d+%", frames)
    assert not re.search(r"limited by[^…\n]*…", frames)


def test_the_summary_tells_a_failure_in_full_however_narrow_it_is(tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    message = "a failure whose text is far longer than the eighty columns of a log: its last word"
    (tmp_path / "debugtalk.py").write_text(f"def fails():\n    raise ValueError({message!r})\n")
    step = '{name: one, request: {method: GET, url: "http://127.0.0.1:1/${fails()}"}}'
    case.write_text(f"config: {{name: c}}\nteststeps: [{step}]\n")
    ended = run_cli("boom", case, "-i", "1", "--no-out", env={"COLUMNS": "80"})
    assert ended.code == 0, ended
    _, _, failures = ended.out.partition("failures\n")
    assert message in " ".join(failures.split())


def test_off_a_terminal_there_are_plain_lines_only(target: TargetProcess) -> None:
    ended = run_cli(*boom(target, "-d", "1s"))
    assert ended.code == 0, ended
    assert "\x1b" not in ended.out + ended.err
    assert re.search(
        r"^t=[1-9]\d*s users=\d+/5 rate=[\d.]+/s issued=\d+ ok=\d+ fail=0 ", ended.out, re.M
    )


def test_plain_means_no_escape_codes_on_a_terminal_either(target: TargetProcess) -> None:
    code, written = on_a_terminal(80, 24, *boom(target, "-d", "1s", "--plain", "--no-color"))
    assert code == 0
    assert b"\x1b" not in written
    assert re.search(rb"^t=[1-9]\d*s users=", written)


def test_quiet_prints_nothing(target: TargetProcess) -> None:
    ended = run_cli(*boom(target, "-i", "2", "-q"))
    assert (ended.code, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (300, 3)])
def test_a_tiny_terminal_breaks_nothing(size: tuple[int, int], target: TargetProcess) -> None:
    code, written = on_a_terminal(*size, *boom(target, "-i", "20"))
    assert code == 0, written.decode(errors="replace")
    assert b"Traceback" not in written


def test_a_full_disk_under_the_lines_is_told_once_and_the_run_goes_on(
    target: TargetProcess, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "boomtalk.cli", *boom(target, "-d", "1s", "--plain")]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*command, "--json", str(report)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
    assert ended.returncode == 0
    assert ended.stderr == "warning: cannot print any more output: No space left on device\n"
    assert report.exists()


def test_a_reader_that_leaves_does_not_end_the_run(target: TargetProcess, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    arguments = " ".join(boom(target, "-d", "1s", "--json", str(report)))
    command = f"{sys.executable} -m boomtalk.cli {arguments} | head -c 1 >/dev/null; exit $?"
    script = f"set -o pipefail; {command}"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert '"stopped_by": "duration"' in report.read_text()


def test_hostile_names_are_shown_and_move_no_cursor(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "hostile.yml"
    case.write_text(
        'config: {name: "evil\\e[2J"}\nteststeps:\n'
        '  - {name: "[red]x[/red]\\e[31m\\n<script>", request: {method: GET, url: /}}\n'
    )
    arguments = ("boom", str(case), "--base-url", target.url, "-d", "1s", "--no-out")
    code, written = on_a_terminal(160, 30, *arguments)
    assert code == 0
    assert b"\x1b[2J" not in written
    assert b"[red]x[/red]\\x1b[31m\\n<script>" in ESCAPE.sub(b"", written)


def test_the_cpu_of_a_terminal_run_goes_to_requests_not_frames(target: TargetProcess) -> None:
    """The cost of a frame does not grow with the requests, and only four are drawn a second."""
    _, written = on_a_terminal(80, 24, *boom(target, "-d", "2s"))
    frames = written.count(b"req/s")
    assert 3 <= frames <= 20
