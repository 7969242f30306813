"""Make values that a server, a data file or a plugin may give and nobody expects."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

NUMBERS = [
    *(-1, 0, 2**53 + 1, 2**63, 2**64 + 1, -(10**400), 10**4_299, 10**5_000),
    *(0.001, -0.0, 5e-324, 1e300, float("inf"), float("-inf"), float("nan")),
]
TEXTS = [
    *(
        "",
        " ",
        "\0",
        "\r\nX-Evil: 1",
        "\x1b[31mred\x07",
        "‮backwards",
        "\ud800",
        "a\udfffb",
        "\ufeff",
    ),
    *("💥" * 50, "é好", "�", "\u2028", "<script>&\"'`", "=1+1", "]]>", "%s%(x)s%", "{}{0}", "\\"),
    *("1e999", "nan", "-inf", "9" * 5_000, "0x1F", "1_0", "٣", "no", "null", "[", '{"a":'),
    *(
        "$v",
        "${f()}",
        "$",
        "$$",
        "body",
        "body.a[0]",
        "body[",
        "(.*)",
        "(a(.*)",
        "a{99999999999}(.*)",
    ),
    *("http://", "//x", "http://[::1", "http://a b/", "@file", "@../x;type=a/b", "a;filename=\r\n"),
    *("token=" + "x" * 300, "x" * 20_000, "../../etc/passwd", "a b=c&" * 500, "'\";--", "(a+)+"),
]
SMALL: list[Any] = [None, True, False, [], {}, b"", b"\xff\0\r\n", *NUMBERS, *TEXTS]


def odd_value(chance: random.Random, depth: int = 0) -> Any:
    """Return one value: mostly a single one, else a tree of them, at times a very deep one."""
    pick = chance.random()
    if pick < 0.6 or depth > 3:
        return chance.choice(SMALL)
    if pick < 0.7:
        return deep(chance.choice([90, 200, 500, 990]), chance.choice([_in_list, _in_map]))
    if pick < 0.85:
        return [odd_value(chance, depth + 1) for _ in range(chance.randrange(5))]
    return {chance.choice(TEXTS): odd_value(chance, depth + 1) for _ in range(chance.randrange(5))}


def deep(levels: int, wrap: Callable[[Any], Any]) -> Any:
    """Return 1 within as many lists or maps."""
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


def as_json(value: Any) -> bytes:
    """Return the value as a server may send it: JSON, or what is nearly JSON."""
    if isinstance(value, bytes):
        return value
    try:
        return json.dumps(value, default=repr).encode()
    except (ValueError, RecursionError):
        return b'"' + repr(type(value)).encode() + b'"'


def _in_list(value: Any) -> Any:
    return [value]


def _in_map(value: Any) -> Any:
    return {"a": value}
