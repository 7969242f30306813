"""Write cases of one step, and their outcomes, in a short form."""

from __future__ import annotations

# The requests of hrp and of boomtalk: method, target, body, and headers that matter.
# `FAILS` ends a list if the program fails; if hrp does not load the file, it sends nothing.
Outcomes = tuple[str, list[str], list[str]]
FAILS = "fails"


def request(step: str, config: str = "") -> str:
    return f'config: {{name: x, base_url: "$URL"{config}}}\nteststeps:\n  - {{name: a, {step}}}\n'


def get(parts: str, config: str = "") -> str:
    return request(f"request: {{method: GET, {parts}}}", config)


def post(parts: str, config: str = "") -> str:
    return request(f"request: {{method: POST, url: '/a?x', {parts}}}", config)


def text(text: str, config: str = "") -> str:
    return post(f"body: '{text}'", config)


def checked(*checks: str, config: str = "") -> str:
    return request(ASK + f", validate: [{', '.join(checks)}]", config)


def extracted(search: str, more: str = "") -> str:
    return (
        request(ASK + f", extract: {{{more}v: {search}}}")
        + "  - {name: b, request: {method: POST, url: '/b?x', json: [$v]}}\n"
    )


ASK = "request: {method: GET, url: '/a?x'}"
NEXT = f"  - {{name: b, {ASK}}}\n"
