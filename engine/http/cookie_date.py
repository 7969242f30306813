"""This module reads the dates of cookies, in any form, as browsers do (RFC 6265, 5.1.1)."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import date

_TOKEN = re.compile(r"[^\t -/;-@\[-`{-~]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_FIRST_YEAR = 1601


def seconds_of(text: str) -> float | None:
    """Return the moment as seconds since 1970; None for what is not a date."""
    clock: tuple[int, ...] | None = None
    day = month = year = None
    for token in _TOKEN.findall(text):
        # Each part is the first token that fits, tried in this order.
        if clock is None and (found := _TIME.match(token)):
            clock = tuple(map(int, found.groups()))
        elif day is None and (found := _DAY.match(token)):
            day = int(found[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := _YEAR.match(token)):
            year = _whole(int(found[1]))
    if clock is None or day is None or month is None or year is None:
        return None
    return _moment(year, month, day, clock)


def _whole(year: int) -> int:
    if year < 70:
        return year + 2000
    return year + 1900 if year < 100 else year


def _moment(year: int, month: int, day: int, clock: tuple[int, ...]) -> float | None:
    hour, minute, second = clock
    if year < _FIRST_YEAR or hour > 23 or minute > 59 or second > 59:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return float(timegm((year, month, day, hour, minute, second)))
