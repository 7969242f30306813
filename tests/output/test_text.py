"""Test durations, masks, and text from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.engine import load_cases
from boomtalk.engine.load.parsing import parse_duration
from boomtalk.engine.output.format import harmless, milliseconds
from boomtalk.engine.output.masking import Mask, mask_command
from boomtalk.engine.report.live import pause_after


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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("sesame-open", "***"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://shop.example/", "https://shop.example/"),
        # The path may be a key, such as that of a web hook.
        ("https://hooks.example/T00/B00/secret", "***"),
        ("https://user:word@shop.example", "***"),
        ("https://shop.example?key=1", "***"),
    ],
)
def test_values_of_the_environment_are_masked_but_for_the_address_of_a_target(
    tmp_path: Path, value: str, shown: str
) -> None:
    case = tmp_path / "case.yml"
    case.write_text("config: {name: a}\nteststeps: [{name: b, request: {method: GET, url: /}}]\n")
    mask = Mask.of(load_cases([case], {"VALUE": value}).cases)

    assert mask.text(f"sent {value}") == f"sent {shown}"


def test_the_screen_takes_its_share_of_the_processor_and_no_more() -> None:
    assert [pause_after(seconds) for seconds in (0.0, 0.003)] == [0.25, 0.25]
    assert 0.006 / pause_after(0.006) == pytest.approx(0.012)
