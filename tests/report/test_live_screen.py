"""Test what a user sees on the live screen, at every size of a terminal."""

from __future__ import annotations

import io
import re

import pytest
from boomtalk.engine.report.live import LiveScreen
from boomtalk.engine.report.painter import Painter
from boomtalk.engine.report.view import Order, Panel
from rich.cells import cell_len
from rich.console import Console, RenderableType

from tests.support.drawn_run import DrawnRun

SIZES = [(40, 10), (80, 24), (100, 30), (120, 40), (160, 45), (200, 50)]
FAILING = (17, 28, 33)
SPARKS = re.compile("[▁▂▃▄▅▆▇█]")
ESCAPE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
BRAILLE = re.compile("[\u2801-\u28ff]")


def run_of(steps: int = 40, seconds: int = 12) -> tuple[DrawnRun, LiveScreen]:
    run = DrawnRun(steps)
    screen = LiveScreen(run, "a long walk", has_keys=True)  # type: ignore[arg-type]
    for second in range(seconds):
        run.second([0.001, 0.002, 0.004, 0.05] * (1 + second % 3), failing=FAILING)
    return run, screen


def written(content: RenderableType, width: int, *, no_color: bool = False) -> str:
    """Return the bytes for a terminal of this width, as text."""
    file = io.StringIO()
    options = {"force_terminal": True, "highlight": False, "no_color": no_color}
    Console(file=file, width=width, **options).print(content)  # type: ignore[arg-type]
    return file.getvalue()


def lines_of(content: RenderableType, width: int) -> list[str]:
    return ESCAPE.sub("", written(content, width)).rstrip("\n").split("\n")


def shown(screen: LiveScreen, width: int, height: int) -> list[str]:
    """Return the lines of a frame, as a terminal of this size shows them."""
    return lines_of(screen.frame(width, height), width)


def steps_in(lines: list[str]) -> list[int]:
    found = (re.match(r"(?:GET +)?(?:✗ |  )step (\d\d) ", line) for line in lines)
    return [int(one[1]) for one in found if one]


@pytest.mark.parametrize("panel", Panel)
@pytest.mark.parametrize(("width", "height"), [*SIZES, (20, 5), (1, 1), (300, 3)])
def test_every_panel_fits(width: int, height: int, panel: Panel) -> None:
    _, screen = run_of()
    if panel is not Panel.STEPS:
        screen.toggle(panel)
    lines = shown(screen, width, height)
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= max(3, height)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_total_stays_and_the_failing_steps_come_first(width: int, height: int) -> None:
    _, screen = run_of()
    assert steps_in(shown(screen, width, height))[:2] == [1, 2]

    screen.sort(Order.FAILURES)
    lines = shown(screen, width, height)
    text = "\n".join(lines)

    assert set(steps_in(lines)[: len(FAILING)]) <= set(FAILING)
    assert re.search(r"✗ step \d\d ", text)
    assert re.search(r"^ +✗ total +\d|^✗ total +\d", text, re.MULTILINE)
    assert "▼fail" in text
    assert lines[-1].startswith("? keys")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_step_can_be_scrolled_to(width: int, height: int) -> None:
    _, screen = run_of()
    seen = set(steps_in(shown(screen, width, height)))
    for _ in range(40):
        screen.scroll_pages(1)
        seen |= set(steps_in(shown(screen, width, height)))
    assert seen == set(range(1, 41))

    screen.scroll(-5)
    assert 40 not in steps_in(shown(screen, width, height))
    screen.scroll_to_end(-1)
    assert steps_in(shown(screen, width, height))[0] == 1
    screen.scroll_to_end(1)
    assert steps_in(shown(screen, width, height))[-1] == 40


def test_the_course_of_the_run_is_drawn_as_large_as_there_is_room() -> None:
    _, screen = run_of()
    assert not SPARKS.search("\n".join(shown(screen, 40, 10)))

    small = "\n".join(shown(screen, 80, 24))
    assert re.search(r"^req/s  [▁-█]{12} max 480$", small, re.MULTILINE)
    assert re.search(r"^p95 ms [▁-█]{12} max ", small, re.MULTILINE)

    for width, height in SIZES[2:]:
        large = "\n".join(shown(screen, width, height))
        assert "requests/s  █ ok 444  █ failed 36" in large
        assert re.search(r"latency ms  ━ p50 \d.*p95 \d.*p99 \d", large)
        assert BRAILLE.search(large)
        assert ("latencies" in large) == (height >= 40)


def test_the_rates_are_those_of_the_last_ten_seconds_until_the_end() -> None:
    run, screen = run_of(steps=1, seconds=0)
    for _ in range(10):
        run.second([0.001] * 100)
    for _ in range(10):
        run.second([0.001] * 20)
    assert re.search(r"step 01 +1 200 +0 +20\.0 ", "\n".join(shown(screen, 120, 40)))
    assert "20.0 req/s now, 60.0 overall" in "\n".join(shown(screen, 120, 40))
    assert " rate=20.0/s " in screen.line()

    last = lines_of(screen.last_frame(120, 40), 120)
    assert re.search(r"step 01 +1 200 +0 +60\.0 ", "\n".join(last))


def test_the_last_frame_has_every_step() -> None:
    _, screen = run_of()
    assert steps_in(lines_of(screen.last_frame(80, 24), 80)) == list(range(1, 41))


def test_a_failure_is_told_before_its_step() -> None:
    _, screen = run_of()
    screen.toggle(Panel.FAILURES)
    lines = shown(screen, 80, 24)
    assert any(re.match(r" +\d+ status_code eq 17: got 503 +step 17$", line) for line in lines)
    assert not steps_in(lines)


def test_the_heat_map_stands_below_the_steps_where_there_is_room() -> None:
    _, screen = run_of()
    screen.toggle(Panel.HEAT)
    for width, height in [(120, 40), (200, 50)]:
        lines = shown(screen, width, height)
        assert steps_in(lines)
        assert lines.index("latency per second") > max(
            number for number, line in enumerate(lines) if "total" in line
        )


def test_failures_are_seen_without_colours() -> None:
    _, screen = run_of()
    screen.sort(Order.FAILURES)
    text = written(screen.frame(120, 40), 120, no_color=True)
    assert re.search(r"✗ .*step 17", text)
    assert not re.search(r"\x1b\[[\d;]*[34]\dm", text)


def painted(data: str) -> list[str]:
    """Return what a terminal shows after these bytes: text and the moves that a painter uses."""
    rows, row, column = [""] * 100, 0, 0
    for code, text in re.findall(r"(\x1b\[[?\d;]*[A-Za-z]|[\r\n])|([^\x1b\r\n]+)", data):
        if text:
            rows[row] = rows[row][:column].ljust(column) + text + rows[row][column + len(text) :]
            column += len(text)
        elif code in "\r\n":
            row, column = row + (code == "\n"), 0
        elif code.endswith("A"):
            row -= int(code[2:-1])
        elif code == "\x1b[H":
            row = column = 0
        elif code == "\x1b[K":
            rows[row] = rows[row][:column]
        elif code == "\x1b[J":
            rows[row:] = [rows[row][:column], *[""] * (99 - row)]
    return [line.rstrip() for line in rows]


def test_a_frame_replaces_the_one_before_after_resizing_too() -> None:
    run, screen = run_of()
    file = io.StringIO()
    console = Console(file=file, width=120, height=40, force_terminal=True, highlight=False)
    with Painter(console) as painter:
        painter.paint(screen.frame(120, 40))
        whole = len(file.getvalue())
        painter.paint(screen.frame(120, 40))
        assert len(file.getvalue()) - whole < whole / 10, "lines that are alike are not written"
        run.second(failing=FAILING)
        painter.paint(screen.frame(120, 40))
        assert painted(file.getvalue())[:40] == padded(shown(screen, 120, 40), 40)

        print("a line of another part")
        assert painted(file.getvalue())[0] == "a line of another part"
        assert painted(file.getvalue())[1:41] == padded(shown(screen, 120, 40), 40)

        console.size = (80, 24)  # type: ignore[assignment]
        painter.paint(screen.frame(80, 24))
        assert painted(file.getvalue())[:24] == padded(shown(screen, 80, 24), 24)
        assert not any(painted(file.getvalue())[24:])


def padded(lines: list[str], height: int) -> list[str]:
    return [line.rstrip() for line in [*lines, *[""] * (height - len(lines))]]
