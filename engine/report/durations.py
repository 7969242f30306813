"""Spans of time as users write them."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")


def parse_duration(text: str) -> float:
    """Return seconds for `90`, `30s`, `1h30m`, `250ms`; raises ValueError."""
    parts = list(_PART.finditer(text))
    whole = "".join(part[0] for part in parts) == text.strip()
    if not parts or not whole or (len(parts) > 1 and any(part[2] is None for part in parts)):
        raise ValueError(f"not a duration: {text!r}; write 30s, 90, 250ms or 1h30m")
    return sum(float(part[1]) * _UNITS[part[2] or "s"] for part in parts)
