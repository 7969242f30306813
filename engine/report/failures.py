"""Put a row of the failure table into words: the check as written, and the values that came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..output.reasons import values_of


def kind_of(error: Mapping[str, Any]) -> str:
    """Return the kind of a failure with its detail."""
    return f"{error['kind']} {error['detail']}".strip()


def text_of(error: Mapping[str, Any]) -> str:
    """Return `body.id eq 1: got 17, got 18` for a check, else the messages of the examples.

    Rows of older reports have a message only.
    """
    check, examples = error.get("check", ""), error.get("examples") or [error["message"]]
    return f"{check}: {values_of(check, examples)}" if check else "; ".join(examples)
