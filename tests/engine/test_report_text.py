"""Durations, masks and foreign text."""

from __future__ import annotations

import pytest
from boomtalk.engine.load.written import parse_duration
from boomtalk.engine.report.format import harmless, milliseconds
from boomtalk.engine.report.masking import mask_command


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("90", 90), ("1h30m", 5400), ("250ms", 0.25), ("1m30s", 90), ("0.5", 0.5)],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "10x", "1h30", "-5s", "5 s", "nan"])
def test_a_wrong_duration_says_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="write 30s"):
        parse_duration(text)


def test_commands_are_kept_without_their_secrets() -> None:
    command = ["boomtalk", "boom", "c.yml", "-e", "TOKEN=abc", "--env=KEY=x", "-eA=b"]
    url = ["--base-url", "http://me:pw@host/x"]
    masked = mask_command(command + url)
    assert masked == [
        *["boomtalk", "boom", "c.yml", "-e", "TOKEN=***", "--env=KEY=***", "-eA=***"],
        *["--base-url", "http://***@host/x"],
    ]


def test_foreign_text_stays_on_its_line_and_moves_no_cursor() -> None:
    assert harmless("a\nb\x1b[31mred\x07") == "a\\nb\\x1b[31mred\\x07"
    assert harmless("x" * 300, 10) == "xxxxxxxxxx…"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "-"), (0.00123, "1.23"), (0.0123, "12.3"), (12.3456, "12 346")]
)
def test_times_are_short_milliseconds(seconds: float | None, text: str) -> None:
    assert milliseconds(seconds) == text
