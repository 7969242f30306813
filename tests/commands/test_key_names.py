"""Test that special keys are recognised however their escape sequences arrive."""

from __future__ import annotations

import pytest
from boomtalk.commands.assembly.key_names import KeyNames

TYPED = b"o\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[1~\x1b[4~\x1b[1;5A>"
KEYS = ["o", "up", "down", "page up", "page down", "home", "end", "home", "end", "up", ">"]


def test_keys_have_names() -> None:
    assert KeyNames().of(TYPED) == KEYS


@pytest.mark.parametrize("size", [1, 2, 3])
def test_sequences_may_arrive_in_parts(size: int) -> None:
    names = KeyNames()
    parts = [TYPED[start : start + size] for start in range(0, len(TYPED), size)]
    assert [key for part in parts for key in names.of(part)] == KEYS


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        (b"\x1b[3~q", ["q"]),  # Delete
        (b"\x1b[15~m", ["m"]),  # F5
        (b"\x1b[<0;10;5Mp", ["p"]),  # a mouse
        (b"\x1b[200~f", ["f"]),  # a paste
        (b"\x1bq", ["\x1b", "q"]),  # Esc, or Alt
        (b"\xe4\xb8\xad" + b"h", ["中", "h"]),
        (b"\xff+", ["\ufffd", "+"]),
    ],
)
def test_letters_of_other_sequences_are_no_keys(typed: bytes, keys: list[str]) -> None:
    names = KeyNames()
    assert [key for byte in typed for key in names.of(bytes([byte]))] == keys
    assert KeyNames().of(typed) == keys
