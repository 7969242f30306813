"""Test the text of case files: types of scalars, places of values, and refused files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.nodes import SourceError
from boomtalk.engine.case.source import BIGGEST_FILE, parse_source, read_source
from boomtalk.engine.case.yaml_source import second_document
from boomtalk.engine.errors import CaseError
from hypothesis import given
from hypothesis import strategies as st

SCALARS = [
    ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"),
    ("true", True), ("True", True), ("FALSE", False), ("tRue", "tRue"),
    ("null", None), ("~", None), ("", None), ("Null", None), ("nULL", "nULL"),
    ("12:30", "12:30"), ("12:30:45", "12:30:45"), ("2001-01-01", "2001-01-01"),
    ("0777", 511), ("0o17", 15), ("0x1F", 31), ("0b11", 3), ("-0x10", -16), ("1_000", 1000),
    ("08", 8), ("0", 0), ("-0", 0), ("+5", 5), ("-7", -7), ("1e3", 1000.0), ("1.50", 1.5),
    (".5", 0.5), ("5.", 5.0), ("1.2.3", "1.2.3"), ("0x", "0x"), ("1_000_x", "1_000_x"),
    ("-x", "-x"), ("9007199254740993", 9007199254740993),
    ("12345678901234567890123", 12345678901234567890123),
    ("1e999", "1e999"), ("9" * 4500, "9" * 4500),
    (".inf", float("inf")), ("-.Inf", float("-inf")), ("'1'", "1"), ('"yes"', "yes"),
    ("!!str 5", "5"), ("!!int 5", 5), ("! 5", "5"), ("=", "="), ("1:2", "1:2"), ("_1", "_1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_yaml_scalars_are_typed_by_the_table(text: str, value: Any) -> None:
    found = parse_source(f"a: {text}", ".yml").plain()["a"]

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["1.50", "true", "007", "1e3", "0x1F", "2001-01-01", "1_000"])
def test_the_source_text_of_a_scalar_is_kept(text: str) -> None:
    assert parse_source(f"a: {text}", ".yml").value["a"].text == text


@pytest.mark.parametrize("text", ["1.50", "true", "1e3", "9007199254740993", "-0.10"])
def test_the_source_text_of_a_json_number_is_kept(text: str) -> None:
    assert parse_source(f'{{"a": {text}}}', ".json").value["a"].text == text


def test_every_key_knows_its_line() -> None:
    yaml = parse_source("a: 1\nb:\n  c:\n    - 1\n    - d: 2\n", ".yml").value
    json_ = parse_source('{"a": 1,\n"b": {\n"c": [1,\n{"d": 2}]}}', ".json").value

    assert [yaml["b"].line, yaml["b"].value["c"].line] == [2, 3]
    assert yaml["b"].value["c"].value[1].value["d"].line == 5
    assert [json_["b"].line, json_["b"].value["c"].line] == [2, 3]
    assert json_["b"].value["c"].value[1].value["d"].line == 4


def test_anchors_and_merges_give_the_same_values_as_written_out() -> None:
    text = "base: &b {x: 1, y: 2}\nother: &o {z: 3}\na: {<<: [*b, *o], x: 9}\nc: *b\n"

    assert parse_source(text, ".yml").plain() == {
        "base": {"x": 1, "y": 2},
        "other": {"z": 3},
        "a": {"x": 9, "y": 2, "z": 3},
        "c": {"x": 1, "y": 2},
    }


def test_map_keys_are_texts() -> None:
    assert parse_source("{200: a, true: b, on: c, null: d}", ".yml").plain() == {
        "200": "a",
        "true": "b",
        "on": "c",
        "null": "d",
    }


def test_only_the_first_document_of_yaml_counts() -> None:
    assert parse_source("a: 1\n---\n: broken [", ".yml").plain() == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n---\nb: 2\n", 3),
        ("---\na: 1\n---\n- 2\n", 4),
        ("a: 1\n...\n---\n: broken [", 4),
        ("a: 1\n", 0),
        ("---\na: 1\n", 0),
        ("a: 1\n---\n", 0),
        ("a: |\n  ---\n  b\n...\n", 0),
        ("# one\n---\na: '--- x'\n", 0),
    ],
)
def test_a_second_document_of_yaml_is_found(text: str, line: int) -> None:
    assert second_document(text) == line


@pytest.mark.parametrize(
    ("text", "line"), [('{"a": 1} x', 1), ('{"a": 1}\n\n,\n{"b": 2}', 3), ("[1]\n]", 2), ("1 2", 1)]
)
def test_text_behind_a_json_document_is_refused(text: str, line: int) -> None:
    with pytest.raises(SourceError, match="behind the end") as error:
        parse_source(text, ".json")

    assert error.value.line == line


def test_block_texts_and_escapes_are_those_of_yaml() -> None:
    text = 'a: |\n  x\n   y\nb: >-\n  one\n  two\nc: "\\u4e2d\\n"\n'

    assert parse_source(text, ".yml").plain() == {"a": "x\n y\n", "b": "one two", "c": "中\n"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES, st.sampled_from([None, 2]))
def test_json_is_read_exactly(value: Any, indent: int | None) -> None:
    assert parse_source(json.dumps(value, indent=indent), ".json").plain() == value


@given(st.text(max_size=60), st.sampled_from([".yml", ".json"]))
def test_any_text_is_read_or_refused(text: str, suffix: str) -> None:
    try:
        parse_source(text, suffix).plain()
    except ValueError as error:
        assert type(error).__name__ == "SourceError"  # noqa: PT017


def _bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


REFUSED = [
    ("bomb.yml", _bomb(9), "more than 1,000,000 values once aliases are followed"),
    ("bomb.yml", "b: &b\n  <<: *b\n", "*b refers to itself"),
    ("self.yml", "x: 1\na: &a [*a]", "self.yml:2: the alias *a refers to itself"),
    ("alias.yml", "a: *nope", "alias.yml:1"),
    ("deep.yml", "[" * 500, "nested deeper than 100 levels"),
    ("deep.json", "[" * 5000, "nested deeper than 100 levels"),
    ("tag.yml", "a: 1\nb: !!python/object/apply:os.system [touch marker]", "tag.yml:2: the tag"),
    ("tag.yml", "a: !custom x", "is not allowed"),
    ("twice.yml", "a: 1\nb: 2\na: 3", "twice.yml:3: duplicate key 'a' (first in line 1)"),
    ("twice.json", '{"a": 1,\n"a": 2}', "twice.json:2: duplicate key 'a' (first in line 1)"),
    ("tab.yml", "a:\n\tb: 1", "tab.yml:2: not YAML"),
    ("tab.yml", "a:\n\tb: 1", "indent with spaces, not with tabs"),
    ("open.yml", "a: {b: /c/{d}, e: 1}", "put a text that holds { } [ ] or a comma in quotes"),
    ("open.yml", "a: {b: ${max(1, [2)}}", "put a text that holds { } [ ] or a comma in quotes"),
    ("at.yml", "a: @b", "put a text that begins with @ % or a backtick in quotes"),
    ("wide.yml", "a: 1".encode("utf-16"), "UTF-16 text (save the file as UTF-8)"),
    ("latin.yml", b"a: 1\nb: \xe9", "latin.yml:2: not UTF-8 text"),
    ("binary.yml", b"a: 1\n\0\0", "binary.yml:2: binary data"),
    ("bad.json", '{"a": 1,\n"b": }', "bad.json:2: not JSON"),
    ("bad.json", '{"a": NaN}', "not JSON: NaN"),
    ("bad.json", '{"a":\n1e999}', "bad.json:2: a number that is too large"),
    ("bad.json", '{"a":\n%s}' % ("9" * 5000), "bad.json:2: a number that is too long"),
    ("bad.json", "{'a': 1}", "a key in double quotes expected"),
    ("bad.json", '{"a": 1', "not JSON"),
    ("bad.yml", "a: [1, 2\nb: 3", "bad.yml:"),
    ("key.yml", "? [a]\n: 1", "a map key must be a plain value"),
    ("merge.yml", "a: {<<: 5}", "<< takes a map"),
]


@pytest.mark.parametrize(("name", "content", "told"), REFUSED)
def test_a_harmful_or_broken_file_is_refused_with_file_and_line(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(CaseError) as error:
        read_source(path, name)

    assert told in str(error.value)
    assert not Path("marker").exists()


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yml"
    with path.open("wb") as file:
        file.truncate(BIGGEST_FILE + 1)

    with pytest.raises(CaseError, match="larger than 16 MiB"):
        read_source(path, "huge.yml")


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")

    with pytest.raises(CaseError, match="not a plain file"):
        read_source(tmp_path / "pipe.yml", "pipe.yml")


def test_a_byte_order_mark_and_an_empty_file_are_fine(tmp_path: Path) -> None:
    (tmp_path / "bom.yml").write_bytes(b"\xef\xbb\xbfa: 1")
    (tmp_path / "empty.yml").write_bytes(b"")
    (tmp_path / "empty.json").write_bytes(b" \n")

    assert read_source(tmp_path / "bom.yml", "bom.yml").plain() == {"a": 1}
    assert read_source(tmp_path / "empty.yml", "empty.yml").plain() is None
    assert read_source(tmp_path / "empty.json", "empty.json").plain() is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("twice.yml", "a: {b: [1]}\nc: 2\na: {b: [1]}\n"),
        ("twice.json", '{"a": {"b": [1]},\n"c": 2,\n"a": {"b": [1]}}'),
    ],
)
def test_a_key_that_is_given_twice_with_one_value_gives_a_warning(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    told: list[tuple[str, str, str]] = []
    read = read_source(tmp_path / name, name, lambda *warning: told.append(_texts(*warning)))

    assert read.plain() == {"a": {"b": [1]}, "c": 2}
    what = "duplicate key 'a' (first in line 1)"
    assert told == [(f"{name}:3", what, "both have the same value")]


def _texts(*parts: object) -> tuple[str, str, str]:
    place, what, hint = map(str, parts)
    return place, what, hint
