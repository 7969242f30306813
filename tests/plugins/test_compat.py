"""Test files written for hrp, and the interpreters that a project may use."""

import ast
import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from boomtalk.plugins import child

from .bench import opened, project

CHILD = Path(child.__file__)


def interpreters():
    """Return every interpreter on this machine that plugins can use, one per version."""
    found = {sys.version_info[:2]: sys.executable}
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(root.glob("versions/*/bin"))
    names = [name for folder in folders for name in folder.glob("python3*")]
    for python in (name for name in names if re.fullmatch(r"python3(\.\d+)?", name.name)):
        done = subprocess.run(
            [python, "-c", "import json, sys; print(json.dumps(sys.version_info[:2]))"],
            capture_output=True,
        )
        if done.returncode == 0 and tuple(json.loads(done.stdout)) >= (3, 8):
            found.setdefault(tuple(json.loads(done.stdout)), str(python))
    return found


def test_the_child_is_written_in_python_3_8_and_imports_the_standard_library_only():
    tree = ast.parse(CHILD.read_text(), feature_version=(3, 8))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module.split(".")[0])
    assert imported - {"orjson"} <= set(sys.stdlib_module_names)


def test_every_interpreter_of_this_machine_runs_it():
    async def scene(version, python):
        path = project("wide")
        async with opened(path, python=python) as (pool, plugin):
            assert await plugin.call("version") == list(version)
            assert await plugin.call("echo", [{"a": [1, 2**70, None, "中"]}]) == {
                "a": [1, 2**70, None, "中"]
            }
            assert await plugin.call("later", [3]) == 3
            naps = [plugin.call("nap", [0.05]) for _ in range(8)]
            assert await asyncio.gather(*naps) == [0.05] * 8
            assert pool.snapshots()[0].python.startswith("{}.{}.".format(*version))

    for version, python in interpreters().items():
        asyncio.run(scene(version, python))


def test_objects_that_answer_or_refuse_everything_keep_no_plugin_from_loading(write):
    source = """
from unittest.mock import call
class Refusing:
    def __getattribute__(self, name): raise RuntimeError(name)
    def __call__(self): return 1
refusing = Refusing()
def f(): return 1
"""

    async def scene():
        async with opened(write(source)) as (_, plugin):
            assert await plugin.call("f") == 1

    asyncio.run(scene())


def test_own_and_imported_functions_are_public_and_classes_modules_and_underscores_are_not(write):
    source = """
import functools, math, os.path
from hashlib import md5
from os.path import join
from mine import helper
def own(): return 1
def _private(): return 2
def __dunder(): return 3
@functools.lru_cache(None)
def cached(x): return x
half = functools.partial(max, 5)
alias = own
class Thing: pass
constant = 5
async def later(): return 4
"""
    path = write(source)
    (path.parent / "mine.py").write_text("def helper(): return 'help'\n")

    async def scene():
        async with opened(path) as (_, plugin):
            assert set(plugin.functions) == {
                *("md5", "join", "helper", "own", "cached", "half", "alias", "later")
            }
            assert await plugin.call("helper") == "help"
            assert await plugin.call("join", ["a", "b"]) == "a/b"
            assert await plugin.call("half", [7]) == 7
            assert await plugin.call("cached", [1]) == 1

    asyncio.run(scene())


def test_a_file_that_registers_with_funppy_works_without_funppy(run):
    async def scene():
        async with opened(project("funppy_v40")) as (_, plugin):
            assert await plugin.call("sum_two_int", [1, 2]) == 3
            assert await plugin.call("concatenate", ["a", "b"]) == "ab"

    run(scene())


def test_module_state_and_logging_work_as_in_one_module(run, write):
    source = """
import logging, sys
logging.basicConfig(level=logging.INFO)
count = 0
def bump():
    global count
    count += 1
    return count
def name(): return __name__
def file(): return __file__
def itself(): import debugtalk; return debugtalk.count
def argv(): return sys.argv
"""
    path = write(source)

    async def scene():
        async with opened(path) as (_, plugin):
            assert [await plugin.call("bump") for _ in range(3)] == [1, 2, 3]
            assert await plugin.call("itself") == 3
            assert await plugin.call("name") == "debugtalk"
            assert await plugin.call("file") == str(path)
            assert await plugin.call("argv") == [str(path)]

    run(scene())


def test_async_functions_are_awaited_at_the_same_time(run, write):
    source = """
import asyncio
import functools
waiting = 0
async def meet(number):
    global waiting
    waiting += 1
    while waiting < number:
        await asyncio.sleep(0.001)
    return "met"
def decorated(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper
@decorated
async def wrapped(x): return x
"""

    async def scene():
        async with opened(write(source)) as (_, plugin):
            calls = [plugin.call("meet", [200]) for _ in range(200)]
            assert await asyncio.gather(*calls) == ["met"] * 200
            assert await plugin.call("wrapped", ["x"]) == "x"

    run(scene())


@pytest.mark.parametrize("coding", ["utf-8", "gbk"])
def test_the_coding_line_of_the_file_is_honoured(tmp_path, coding):
    path = tmp_path / "debugtalk.py"
    path.write_bytes(f"# -*- coding: {coding} -*-\ndef f(): return '中文'\n".encode(coding))

    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("f") == "中文"

    asyncio.run(scene())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_works_inside_a_function(run, write, method):
    source = """
import multiprocessing
def double(x): return 2 * x
def all_doubled(method, values):
    with multiprocessing.get_context(method).Pool(2) as pool:
        return pool.map(double, values)
"""

    async def scene():
        async with opened(write(source)) as (pool, plugin):
            assert await plugin.call("all_doubled", [method, [1, 2, 3]]) == [2, 4, 6]
            assert await plugin.call("double", [4]) == 8
            assert pool.snapshots()[0].restarts == 0

    run(scene())
