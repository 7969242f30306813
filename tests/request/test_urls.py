"""Test URLs on the wire: percent-escapes are sent as they are written."""

from __future__ import annotations

import pytest

from tests.http.scripted_server import OK
from tests.scenario.bench import Bench, rows_of

ESCAPES = "%2F%2f%3D%3d%26%25%20%41%7E%2B"


@pytest.mark.parametrize(
    ("base", "url", "target"),
    [
        ("$URL", f"/a{ESCAPES}?x={ESCAPES}&y=a/b?c", f"/a{ESCAPES}?x={ESCAPES}&y=a/b?c"),
        ("", f"$URL/a{ESCAPES}?x={ESCAPES}#f%2F", f"/a{ESCAPES}?x={ESCAPES}"),
        ("$URL/base%2f/?lost=%2F", "a%2F/../b?x=%2F", "/base%2f/b?x=%2F"),
        ("$URL", "?x=%2F", "/?x=%2F"),
        ("$URL", "/é%2F?x=é y%2F", "/%C3%A9%2F?x=%C3%A9%20y%2F"),
        ("$URL", "/100%?x=100%&y=%zz", "/100%25?x=100%25&y=%25zz"),
    ],
)
def test_percent_escapes_of_a_url_are_sent_as_they_are_written(
    bench: Bench, base: str, url: str, target: str
) -> None:
    outcome, server = bench.load(
        f"""
        config: {{name: x, base_url: "{base}"}}
        teststeps: [{{name: a, request: {{method: GET, url: "{url}"}}}}]
        """,
        {target.encode(): OK},
    )
    assert [asked.line.decode() for asked in server.asked] == [f"GET {target} HTTP/1.1"]
    assert rows_of(outcome) == {"a": (1, 1, 0, 0)}


def test_params_follow_the_query_as_it_is_written(bench: Bench) -> None:
    target = "/a%2Fb?x=%2F&y=%252F+%26"
    outcome, server = bench.load(
        """
        config: {name: x, base_url: "$URL", variables: {part: "a%2Fb"}}
        teststeps:
          - {name: a, request: {method: GET, url: "/$part?x=%2F", params: {y: "%2F &"}}}
        """,
        {target.encode(): OK},
    )
    assert [asked.line.decode() for asked in server.asked] == [f"GET {target} HTTP/1.1"]
    assert rows_of(outcome) == {"a": (1, 1, 0, 0)}
