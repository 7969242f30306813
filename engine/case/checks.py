"""This module reads what a step does around its request: hooks, `extract` and `validate`."""

from __future__ import annotations

from typing import Any

from .fields import Fields, kind_of
from .model import Hook, Validation, Written
from .nodes import Node
from .searches import is_search

# Names in HttpRunner 1, which version 2 still read.
_OLD_EXTRACT = ("extractors", "extract_binds")


def read_hooks(fields: Fields, key: str) -> tuple[Hook, ...]:
    """Read a list of calls; `{name: call}` keeps the value in a variable."""
    node = fields.take(key)
    items = node.value if node and isinstance(node.value, list) else [node] if node else []
    return tuple(hook for item in items for hook in _hook(fields, key, item))


def _hook(fields: Fields, key: str, node: Node) -> list[Hook]:
    place = fields.place(key, node.line)
    if isinstance(node.value, dict):
        return [Hook(Written(call.plain(), place), name) for name, call in node.items()]
    if isinstance(node.value, str):
        if "$" not in node.value:
            fields.notes.warn(
                place, f"{node.value!r} calls nothing", "write a call like ${sleep(1)}"
            )
        return [Hook(Written(node.value, place))]
    fields.notes.problem(place, f"a hook must be a call, not {kind_of(node)}")
    return []


def read_extract(fields: Fields) -> dict[str, Written]:
    """Read `extract`: a map, or the older list of maps."""
    found = fields.text_values(fields.first_of("extract", *_OLD_EXTRACT))
    for written in found.values():
        if "$" not in written.value and not is_search(written.value.strip()):
            hint = "write status_code, body.x, headers.x or cookies.x"
            fields.notes.warn(written.place, f"the value is the text {written.value!r}", hint)
    return found


def read_validate(fields: Fields) -> tuple[Validation, ...]:
    """Read `validate`: a list of checks in any of the accepted spellings."""
    node = fields.take(fields.first_of("validate", "validators"))
    if node is None:
        return ()
    items = node.value if isinstance(node.value, list) else [node]
    found = [one for item in items for one in _validation(fields.sub(item, "validate"))]
    for one in found:
        if not (_moves(one.check.value, as_search=True) or _moves(one.expect.value)):
            hint = "write status_code, body.x, headers.x or cookies.x"
            fields.notes.warn(one.check.place, "neither side comes from the response", hint)
    return tuple(found)


def _moves(value: Any, *, as_search: bool = False) -> bool:
    """Whether a value is not the same at each run."""
    if isinstance(value, str):
        return "$" in value or (as_search and is_search(value.strip()))
    if isinstance(value, dict):
        return any(map(_moves, (*value, *value.values())))
    return isinstance(value, list) and any(map(_moves, value))


def _validation(fields: Fields) -> list[Validation]:
    if "check" in fields.entries:
        return _long_form(fields)
    if not fields.entries:
        fields.problem("", "a check must be a map", "for example eq: [status_code, 200]")
    found = (_short_form(fields, name, node) for name, node in fields.entries.items())
    return [one for one in found if one]


def _long_form(fields: Fields) -> list[Validation]:
    check = fields.written("check")
    expect = fields.written("expect") or fields.written("expected")
    assertion = fields.text("assert") or fields.text("comparator") or "eq"
    message = fields.text("msg") or fields.text("message")
    fields.known |= {"assert", "comparator", "expected", "msg", "message"}
    fields.finish()
    if expect is None:
        fields.problem("", "a check needs expect")
        return []
    return [Validation(check, assertion, expect, message)] if check else []


def _short_form(fields: Fields, assertion: str, node: Node) -> Validation | None:
    items = node.value
    place = fields.place(assertion, node.line)
    if not isinstance(items, list) or len(items) not in (2, 3):
        hint = f"write {assertion}: [what, expected] or [what, expected, message]"
        fields.notes.problem(place, "a check takes two or three values", hint)
        return None
    check, expect = (Written(item.plain(), place) for item in items[:2])
    return Validation(check, assertion, expect, items[2].text if len(items) == 3 else "")
