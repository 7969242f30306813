"""Say in words a tester understands why a request failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def in_words(kind: str, detail: str, message: str) -> str:
    """Return the message of a failure in words of a tester, or as it is if there are none."""
    tell = _WORDS.get((kind, detail)) or _WORDS.get((kind, ""))
    return tell(message) if tell else message


def reason_of_row(error: Mapping[str, Any]) -> str:
    """Return the reason of a row of the report's failures, with the values that came."""
    if check := error.get("check"):
        came = values_of(check, error["examples"])
        return f"check `{check}` failed: {came}"
    kind, detail, message = error["kind"], error["detail"], error["message"]
    words = in_words(kind, detail, message)
    if words == message:
        words = f"{f'{kind} {detail}'.strip()}: {message}"
    return words if len(error.get("examples", ())) < 2 else f"{words} (one of several messages)"


def values_of(check: str, examples: Sequence[str]) -> str:
    """Return what came instead of the value that a check wants: `got 500, got 503`."""
    return ", ".join(example.removeprefix(f"{check}: ") for example in examples)


def _refused(message: str) -> str:
    return f"target refuses connections at {_place(message)}: is it running?"


def _unreachable(message: str) -> str:
    return f"no way to the target at {message}"


def _no_socket(message: str) -> str:
    return f"there is no socket at {_place(message)}: is the target running?"


def _no_host(message: str) -> str:
    host, _, why = message.partition(": ")
    return f"host name not found: {host}" + (f" ({why})" if why else "")


def _place(message: str) -> str:
    """Return the address of a message such as `127.0.0.1:80: Connection refused`."""
    return message.rpartition(": ")[0] or message


_WORDS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("connect", "refused"): _refused,
    ("connect", "unreachable"): _unreachable,
    ("connect", "no_socket"): _no_socket,
    ("dns", ""): _no_host,
    ("disconnected", ""): lambda message: f"the target closed the connection: {message}",
    ("tls", "certificate"): lambda message: f"the target's certificate is not accepted: {message}",
}
