"""Test data files: valid content, and refused content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from boomtalk.engine.values.data import DataError, read_bytes, read_rows


def _file(folder: Path, name: str, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(raw)


def test_csv_cells_are_texts_and_quotes_protect_commas_and_lines(tmp_path: Path) -> None:
    _file(tmp_path, "a.csv", 'user,note\r\nbob,"x, ""y""\nz"\r\n\r\n$amy,007\r\n')

    assert read_rows(tmp_path, "a.csv") == [
        {"user": "bob", "note": 'x, "y"\nz'},
        {"user": "$amy", "note": "007"},
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    _file(tmp_path, "a.csv", b"\xef\xbb\xbfuser\nbob\n")

    assert read_rows(tmp_path, "a.csv") == [{"user": "bob"}]


def test_json_and_yaml_rows_keep_their_types(tmp_path: Path) -> None:
    _file(tmp_path, "a.json", '[{"id": 9007199254740993}]')
    _file(tmp_path, "a.yml", "- {id: 0o17, yes: no}\n")

    assert read_rows(tmp_path, "a.json") == [{"id": 9007199254740993}]
    assert read_rows(tmp_path, "a.yml") == [{"id": 15, "yes": "no"}]


WRONG = [
    ("a.csv", "a,b\n1,2\n1,2,3\n", "a.csv:3: 3 cells, but 2 names"),
    ("a.csv", 'a\n"open\n', "a.csv:2"),
    ("a.csv", "", "empty"),
    ("a.csv", b"a\n\xff\n", "not UTF-8"),
    ("a.json", "[1", "a.json:1"),
    ("a.json", '{"a": 1}', "list of maps"),
    ("a.yml", "- a: 1\n- b\n", "list of maps"),
]


@pytest.mark.parametrize(("name", "content", "told"), WRONG)
def test_a_bad_data_file_is_told_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    _file(tmp_path, name, content)

    with pytest.raises(DataError, match=told):
        read_rows(tmp_path, name)


def test_a_path_that_leads_out_of_the_project_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    _file(tmp_path, "secret.csv", "a\n1\n")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")

    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "/etc/passwd"):
        with pytest.raises(DataError, match="outside the project folder"):
            read_bytes(root, name)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")

    with pytest.raises(DataError, match="not a plain file"):
        read_rows(tmp_path, "pipe.csv")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nope.csv: no such file"):
        read_rows(tmp_path, "nope.csv")


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project root that is not above the working directory, which is beside it."""
    (tmp_path / "work").mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "project"


def test_a_file_may_be_below_the_working_directory_too(beside: Path) -> None:
    _file(Path(), "a.csv", "who\nworking\n")
    assert read_rows(beside, "a.csv") == [{"who": "working"}]
    assert read_rows(beside, str(Path("a.csv").absolute())) == [{"who": "working"}]

    _file(beside, "a.csv", "who\nproject\n")
    assert read_rows(beside, "a.csv") == [{"who": "project"}]


def test_nothing_outside_of_both_folders_is_read(beside: Path) -> None:
    _file(beside.parent, "secret.csv", "a\n1\n")
    Path("link.csv").symlink_to(beside.parent / "secret.csv")

    for name in ("../secret.csv", str(beside.parent / "secret.csv"), "link.csv", "/etc/passwd"):
        with pytest.raises(DataError, match="outside the project folder"):
            read_bytes(beside, name)


def test_the_root_of_all_files_is_no_second_folder(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    for name in ("etc/passwd", "/etc/passwd"):
        with pytest.raises(DataError, match="outside the project folder"):
            read_bytes(beside, name)


def test_a_path_may_have_the_separators_of_windows(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    _file(tmp_path, "data/a.csv", "a\n1\n")

    assert read_rows(tmp_path, "data\\a.csv") == [{"a": "1"}]


CHINESE = "用户,密码\n张三,一二三\n朱镕基,a\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_csv_of_excel_in_chinese_is_read(tmp_path: Path, encoding: str) -> None:
    _file(tmp_path, "a.csv", CHINESE.encode(encoding))

    rows = [{"用户": "张三", "密码": "一二三"}, {"用户": "朱镕基", "密码": "a"}]
    assert read_rows(tmp_path, "a.csv") == rows


@pytest.mark.parametrize(
    "content",
    [
        "who\nJosé Núñez\n".encode("latin-1"),
        "who\nRené,née\n".encode("latin-1"),
        CHINESE.encode("utf-16"),
        CHINESE.encode("utf-8")[:-3] + b"\xff",
        "who\nпривет\n".encode("cp1251")[:7],
    ],
)
def test_any_other_encoding_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    _file(tmp_path, "a.csv", content)

    with pytest.raises(DataError, match=r"a.csv: not UTF-8 at byte \d+; save the file as UTF-8"):
        read_rows(tmp_path, "a.csv")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("data/user.csv", r"did you mean data/users.csv\?"),
        ("data/Users.CSV", r"did you mean data/users.csv\?"),
        ("users.csv", r"did you mean data/users.csv\?"),
        ("other/users.csv", r"did you mean data/users.csv\?"),
        ("data/prices.csv", r"in the project folder [\w-]+$"),
        ("cached.csv", r"in the project folder [\w-]+$"),
    ],
)
def test_a_misspelt_file_gets_a_suggestion(tmp_path: Path, name: str, told: str) -> None:
    for path in ("data/users.csv", ".cache/cached.csv"):
        (tmp_path / path).parent.mkdir()
        _file(tmp_path, path, "a\n1\n")

    with pytest.raises(DataError, match=told):
        read_rows(tmp_path, name)
