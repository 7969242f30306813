"""Test that the steps of a referenced case share the state of their user."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from boomtalk.engine.scenario.session import Session


def test_a_child_session_shares_all_but_the_variables() -> None:
    each: dict[str, Any] = {one.name: object() for one in fields(Session)}
    own: dict[str, Any] = {"a": 1}
    child = Session(**each).child(own)
    assert {name: getattr(child, name) for name in each} == {**each, "variables": own}
