"""Test that the schema and the reader of case files know the same keys and values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.fields import Fields
from boomtalk.engine.case.loader import load_cases
from boomtalk.engine.case.older import STEP_NAMES
from boomtalk.engine.errors import CaseError
from boomtalk.engine.schema.files import case_schema

from .conftest import Judge

REQUEST = {"method": "GET", "url": "/"}
CHECK = {"check": "status_code", "expect": 200}
API = {"request": REQUEST}
CASE = {"teststeps": [{"request": REQUEST}]}
KINDS_GIVEN: Mapping[str, Any] = {
    "request": REQUEST,
    "api": API,
    "testcase": CASE,
    "think_time": {"time": 1},
    "transaction": {"name": "a", "type": "start"},
    "rendezvous": {"name": "a"},
    "websocket": {"type": "open", "url": "/"},
}
STEP = ("teststeps", 0)
CONFIGURED = {"config": {"parameters_setting": {}, "think_time": {}}, **CASE}
RANDOM = {"strategy": "random_percentage", "setting": {}}
# Each map of the format, as the way to it in a file that has it.
MAPS: Mapping[str, tuple[tuple[str | int, ...], Any]] = {
    "case": ((), CASE),
    "suite": ((), {"testcases": [{"testcase": CASE}]}),
    "entry": (("testcases", 0), {"testcases": [{"testcase": CASE}]}),
    "api": ((), API),
    "config": (("config",), CONFIGURED),
    "parameters_setting": (("config", "parameters_setting"), CONFIGURED),
    "think_time of config": (("config", "think_time"), CONFIGURED),
    "setting": (("config", "think_time", "setting"), {"config": {"think_time": RANDOM}, **CASE}),
    "request": ((*STEP, "request"), CASE),
    "check": ((*STEP, "validate", 0), {"teststeps": [{"request": REQUEST, "validate": [CHECK]}]}),
    **{
        f"{kind} step": (STEP, {"teststeps": [{kind: given}]})
        for kind, given in KINDS_GIVEN.items()
    },
    **{
        kind: ((*STEP, kind), {"teststeps": [{kind: KINDS_GIVEN[kind]}]})
        for kind in ("think_time", "transaction", "rendezvous", "websocket")
    },
}
VALUES = (
    *(None, True, -1, 0.5, 1, "", "text", "${f()}", "a.yml"),
    *([], ["text"], [1, 2], [{"a": 1}], [{"a": [1]}], {}, {"a": 1}, {"a": [1]}),
)
# Keys that make another map of it, and steps of phones, which are refused.
FORMS = {"config", "test", "teststeps", "testcases", *KINDS_GIVEN, "suite", "check"}
FORMS |= {"android", "browser", "harmony", "ios"}


def put(file: Any, path: tuple[str | int, ...], key: str, value: Any) -> Any:
    """Return the file with one more key in the map at the end of the path."""
    changed = deepcopy(file)
    at(changed, path)[key] = value
    return changed


def at(file: Any, path: tuple[str | int, ...]) -> Any:
    """Return the map at the end of the path."""
    return reduce(getitem, path, file)


def told_of(file: Any) -> list[str]:
    """Return the problems of a file, and the warnings about names that are not known."""
    Path("case.json").write_text(json.dumps(file))
    try:
        warnings = load_cases([Path("case.json")]).warnings
    except CaseError as error:
        # Whether a file is there is nothing that a schema can say.
        return [str(one) for one in error.problems if "no file" not in str(one)]
    return [str(one) for one in warnings if "unknown" in str(one)]


def keys_in(schema: Any) -> Iterator[str]:
    """Yield the names of all properties, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for inner in schema.values():
            yield from keys_in(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys_in(inner)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def read(in_folder: None, monkeypatch: pytest.MonkeyPatch) -> list[Fields]:
    """Return the maps that the reader has read to their end, with the keys that it knows."""
    found: list[Fields] = []
    finish = Fields.finish

    def recorded(self: Fields, *also: Any) -> None:
        found.append(self)
        finish(self, *also)

    monkeypatch.setattr(Fields, "finish", recorded)
    return found


@pytest.fixture
def keys(read: list[Fields]) -> list[str]:
    """Return every key that the reader asks for anywhere, and every key in the schema."""
    for _, file in MAPS.values():
        told_of(file)
    asked = set().union(*(fields.known for fields in read))
    assert {"request_timeout", "allow_redirects", "close_status", "expect"} <= asked
    return sorted(asked.union(keys_in(case_schema())) - FORMS)


@pytest.mark.parametrize(
    "values", [VALUES[::2], pytest.param(VALUES[1::2], marks=pytest.mark.extra)], ids=["", "others"]
)
@pytest.mark.parametrize("name", MAPS)
def test_an_editor_underlines_what_check_tells(
    name: str, values: tuple[Any, ...], keys: list[str], read: list[Fields], fits: Judge
) -> None:
    path, file = MAPS[name]
    assert told_of(file) == []
    assert fits(file)

    given = at(file, path)
    others = [key for key in keys if key not in given]
    read.clear()
    told_of(reduce(lambda whole, key: put(whole, path, key, None), others, file))
    known = next(fields.known for fields in read if fields.entries.keys() >= {*others})
    in_schema = [key for key in others if any(fits(put(file, path, key, one)) for one in VALUES)]
    # An older name is known wherever steps are, but it means what it is called today.
    assert in_schema == [key for key in others if {key, STEP_NAMES.get(key, key)} <= known]

    changed = [put(file, path, key, one) for key in (*given, *in_schema) for one in values]
    wrong = [(at(one, path), told) for one in changed if fits(one) is bool(told := told_of(one))]
    assert wrong == []
