"""Test that a plain path finds the same as JMESPath, for any body and path."""

from __future__ import annotations

from typing import Any

import jmespath
from boomtalk.engine.values.extraction import compile_search
from hypothesis import example, given
from hypothesis import strategies as st

from .conftest import response

KEYS = ["a", "b", "_c1", "x-y", "odd key", "0"]
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from([".a", ".b", "._c1", '."x-y"', '."odd key"', '."a"', '."0"'])
INDICES = st.integers(-4, 4).map(lambda index: f"[{index}]")
PATHS = st.lists(FIELDS | INDICES, max_size=5).map(lambda parts: "body" + "".join(parts))


@given(BODIES, PATHS)
def test_a_path_finds_what_jmespath_finds(body: Any, path: str) -> None:
    assert compile_search(path)(response(body=body)) == jmespath.search(path, {"body": body})


@example(None, "A()")
@given(BODIES, st.text(max_size=20))
def test_any_search_is_compiled_or_refused(body: Any, text: str) -> None:
    try:
        read = compile_search(f"body.{text}")
    except ValueError as error:
        assert "JMESPath" in str(error)  # noqa: PT017
    else:
        assert callable(read)
