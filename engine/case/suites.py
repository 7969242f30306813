"""This module reads a test suite: cases with other names, variables, parameters and weights.

Where versions 2 and 3 of HttpRunner disagree, version 3 counts (make_testsuite of its make.py):
an entry's variables beat those of the suite, and the suite's base_url beats all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from .config import read_config
from .fields import Fields
from .merging import without_own_names
from .model import Case, Config
from .nodes import Node
from .source import SCHEMA_KEY

_FIELDS = ("verify", "weight", "request_timeout", "case_timeout", "think_time")
_ROWS = ("parameters_limit", "parameters_per")


def is_suite(source: Node) -> bool:
    """Whether a file names cases: `testcases` beside a config, or with a `testcase` in it."""
    keys = dict(source.items())
    if "testcases" not in keys or "teststeps" in keys:
        return False
    return "config" in keys or any("testcase" in dict(one.items()) for _, one in _entries(source))


def read_suite(
    fields: Fields, default_name: str, find: Callable[[Fields], Case | None]
) -> list[Case]:
    """Return the cases of a suite; `find` loads the case that an entry names."""
    suite = read_config(fields.inner_or_empty("config"), default_name, {})
    fields.known |= {"testcases", SCHEMA_KEY}
    fields.finish()
    if not any(True for _ in _entries(fields.node)):
        fields.problem("testcases", "testcases is empty", "give each case name and testcase")
    entries = (fields.sub(node, f"testcases.{name}") for name, node in _entries(fields.node))
    found = [case for entry in entries if (case := _case(entry, suite, find))]
    return _with_weights(found)


def _case(entry: Fields, suite: Config, find: Callable[[Fields], Case | None]) -> Case | None:
    case = find(entry) if entry.entries else None
    if case is None:
        return None
    # The key of a map is a name, the number in a list is not.
    label = entry.path.removeprefix("testcases.")
    name = str(case.config.name.value) if label.startswith("[") else label
    own = read_config(entry, name, {})
    return replace(case, config=_placed(case.config, suite, own, entry))


def _with_weights(cases: list[Case]) -> list[Case]:
    """Give the cases without a weight the weight 1, as versions 2 and 3 did, if others have one."""
    if all(case.config.weight is None for case in cases):
        return cases
    return [
        replace(case, config=replace(case.config, weight=1)) if case.config.weight is None else case
        for case in cases
    ]


def _entries(source: Node) -> Iterator[tuple[str, Node]]:
    """Go through the entries with their names: the keys of a map, or `name` in a list."""
    testcases = dict(source.items())["testcases"]
    if not isinstance(testcases.value, list):
        yield from testcases.items()
        return
    for number, node in enumerate(testcases.value, 1):
        name = dict(node.items()).get("name")
        yield (name.text if name is not None else f"[{number}]"), node


def _placed(case: Config, suite: Config, entry: Config, fields: Fields) -> Config:
    """Return the case's config with what its entry and the suite give."""
    _tell_maps(case, suite, entry, fields)
    given_map = entry.variables_from or suite.variables_from
    below = {**case.variables, **without_own_names(suite.variables)}
    return replace(
        case,
        name=entry.name,
        place=entry.place,
        base_url=suite.base_url or entry.base_url or case.base_url,
        headers={**case.headers, **suite.headers, **entry.headers},
        variables={**below, **without_own_names(entry.variables)},
        variables_from=given_map or case.variables_from,
        yielding=frozenset(below) - entry.variables.keys() if given_map else frozenset(),
        **_rows(case, entry if entry.parameters else suite),
        **{**_changed(suite, _FIELDS), **_changed(entry, _FIELDS)},
    )


def _rows(case: Config, given: Config) -> dict[str, Any]:
    """Return the parameters given, and those of the case that have other names."""
    names = {name for group in given.parameters for name in group.names}
    kept = (group for group in case.parameters if not names.intersection(group.names))
    return {"parameters": (*kept, *given.parameters), **_changed(given, _ROWS)}


def _changed(config: Config, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what the author gave."""
    plain = Config(config.name, config.place)
    values = {name: getattr(config, name) for name in names}
    return {name: value for name, value in values.items() if value != getattr(plain, name)}


def _tell_maps(case: Config, suite: Config, entry: Config, fields: Fields) -> None:
    """Refuse two maps that are only known at run time: which one wins is not clear."""
    if sum(config.variables_from is not None for config in (case, suite, entry)) > 1:
        hint = "give each variable its own expression"
        fields.problem("testcase", "variables come from two expressions", hint)
