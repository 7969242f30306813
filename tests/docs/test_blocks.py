"""Test that the blocks of the pages are valid, and that the program does what they show."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.functional.servers import play
from tests.http.scripted_server import OK
from tests.support.boomtalk_cli import run_cli, started

from .pages import CHINESE, PAGES, ROOT, STORIES, Block, blocks, blocks_of
from .reader import PLACEHOLDER, Reader

TESTED = {
    *("sh", "sh file", "yaml", "yaml profile", "yaml ci", "python", "python locust"),
    *("json sample", "text tree", "text shown"),
}
# A case, a list of versions 1 and 2, or a test suite.
IS_CASE = re.compile(r"^(?:teststeps:|- test:|testcases:)", re.MULTILINE)


def commands() -> Iterator[object]:
    for block in blocks_of("sh"):
        for number, words in enumerate(block.commands(), 1):
            if block.page.stem not in (*STORIES, CHINESE.stem):
                yield pytest.param(words, id=f"{block}-{number}")


def test_every_block_of_the_pages_is_of_a_kind_that_is_tested() -> None:
    assert {str(block): block.kind for block in blocks() if block.kind not in TESTED} == {}


@pytest.mark.parametrize("words", [*commands()])
def test_a_command_of_a_page_does_its_work(
    words: list[str], project: Path, target: TargetProcess
) -> None:
    Reader(project, target).type(words)


def _count(case: Block) -> int:
    """Return the number of cases of a file: a suite has one per entry."""
    return case.text.count("testcase:") if "\ntestcases:" in case.text else 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_cases_of_a_page_pass_the_check_without_a_warning(page: Path, project: Path) -> None:
    shown = [block for block in blocks_of("yaml") if block.page == page]
    with (project / "debugtalk.py").open("a") as functions:
        functions.writelines(plugin.text for plugin, _ in _pairs() if plugin.page == page)
    for block in shown:
        path = project / _place(block)
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text)
    cases = [block for block in shown if IS_CASE.search(block.text)]
    paths = [_place(block) for block in cases]
    assert all(block.name or block in cases for block in shown)
    if cases:
        ended = run_cli("check", *paths, "--base-url", PLACEHOLDER, cwd=project)
        assert (ended.code, ended.err) == (0, ""), ended
        assert ended.out.startswith(f"{sum(map(_count, cases))} case")


def _place(block: Block) -> str:
    return block.name or f"shown/{block}.yml"


def _pairs() -> Iterator[tuple[Block, Block]]:
    """Yield each debugtalk.py of a page with the case below it."""
    for plugin, case in pairwise(blocks()):
        if plugin.kind == "python" and plugin.text.startswith("# debugtalk.py"):
            yield plugin, case


@pytest.mark.parametrize(("plugin", "case"), [*_pairs()], ids=str)
def test_a_debugtalk_of_a_page_works_with_the_case_below_it(
    plugin: Block, case: Block, tmp_path: Path
) -> None:
    (tmp_path / "debugtalk.py").write_text(plugin.text)
    text = case.text.replace(PLACEHOLDER, "$URL")
    ended, server = play(tmp_path, "run", "case.yml", script={b"/": OK}, case=text)
    assert ended.code == 0, ended
    if "X-Sign" in plugin.text:
        assert server.asked[0].header(b"x-sign") == b"signed-GET"


@pytest.mark.parametrize("block", blocks_of("python locust"), ids=str)
def test_a_program_for_another_tool_is_python(block: Block) -> None:
    ast.parse(block.text)


def programs() -> Iterator[object]:
    """Yield each program once: pages in other languages show the same ones."""
    shown = {block.text: block for block in reversed(blocks_of("python"))}
    for text, block in shown.items():
        if not text.startswith("# debugtalk.py"):
            yield pytest.param(text, id=str(block))


@pytest.mark.parametrize("text", [*programs()])
def test_a_program_of_a_page_runs(text: str, project: Path, target: TargetProcess) -> None:
    source = text.replace("duration=10", "duration=1")
    with started([], cwd=project, script=source) as running:
        done = running.wait()
    assert (done.code, done.err) == (0, "")
    counts = re.findall(r"issued=(\d+), ok=(\d+), failed=0, cancelled=(\d+)", done.out)
    issued, ok, cancelled = (sum(int(count[at]) for count in counts) for at in range(3))
    assert issued == ok + cancelled
    assert ok <= target.stats()["requests"] <= issued
    assert bool(ok) == ("await" in text)


def test_a_line_of_the_samples_has_what_the_page_shows(
    project: Path, target: TargetProcess
) -> None:
    (block,) = blocks_of("json sample")
    shown = json.loads(block.text)
    words = ("boom", f"{target.url}/", "-i", "1", "--no-out", "--samples", "-")
    ended = run_cli(*words, "--id-header", "X-Id", cwd=project)
    told = json.loads(ended.out)
    assert list(told) == list(shown)
    assert [type(value) for value in told.values()] == [type(value) for value in shown.values()]


def test_the_map_of_the_code_names_what_is_there() -> None:
    for block in blocks_of("text tree"):
        for line in block.text.splitlines():
            path = line.split(maxsplit=1)[0]
            assert (ROOT / path).exists(), line
    named = {
        line.split()[0] for block in blocks_of("text tree") for line in block.text.splitlines()
    }
    rooms = {f"engine/{path.parent.name}" for path in (ROOT / "engine").glob("*/__init__.py")}
    assert rooms - named == set()
