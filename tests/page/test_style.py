"""Test the colours of the page: everything is readable in light and dark mode."""

from __future__ import annotations

import re

from .recorded import Run

TEXTS = ("text", "muted", "good", "bad", "doubt")
LINES = ("ok", "bad", "p50", "p95", "p99", "first")


def luminance(color: str) -> float:
    digits = color if len(color) == 6 else "".join(digit * 2 for digit in color)
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_colour_can_be_told_from_its_ground(run: Run) -> None:
    schemes = re.findall(r":root \{(.*?)\}", run.read().texts["style"], re.DOTALL)
    colors = [dict(re.findall(r"--([\w-]+): #(\w+)", scheme)) for scheme in schemes]
    day, night, paper = colors[0], {**colors[0], **colors[1]}, {**colors[0], **colors[2]}
    for scheme in (day, night, paper):
        for ground in ("page", "soft"):
            for text in TEXTS:
                assert contrast(scheme[text], scheme[ground]) >= 4.5, (text, ground)
        for line in LINES:
            assert contrast(scheme[line], scheme["page"]) >= 3, line
        assert contrast(scheme["doubt"], scheme["doubt-page"]) >= 4.5
