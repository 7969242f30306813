"""Test which folder may import which."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STORY = (
    "lazy",
    "errors",
    "case",
    "values",
    "schema",
    "http",
    "measure",
    "settings",
    "stop",
    "signals",
    "request",
    "scenario",
    "output",
    "functional",
    "load",
    "report",
    "record",
    "shards",
    "page",
    "api",
    "compare",
    "export",
    "live_page",
    "convert",
    "doctor",
)
ANYWHERE = "boomtalk.engine.measure.histogram"
PLUGINS_MAY_USE = (
    *("boomtalk.engine.errors", "boomtalk.engine.lazy"),
    *("boomtalk.engine.measure.plugins", ANYWHERE),
)
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
UNSAFE_CALLS = {"eval", "exec"}
# The child executes the user's debugtalk.py, which is its purpose.
LOADS_USER_SOURCE = "boomtalk.plugins.child"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("boomtalk", *(part for part in parts if part != "__init__")))


MODULES = {
    module_name(path): path
    for folder in ("engine", "plugins", "commands")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "starter" not in path.parts
}


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


@pytest.fixture(autouse=True, scope="module")
def _forgotten() -> Iterator[None]:
    """Forget the nodes in the end: there are so many that they slow the collector of garbage."""
    yield
    nodes.cache_clear()


@cache
def imported(name: str) -> list[str]:
    """Return every module or name that a module imports, at its top or inside a function."""
    return list(_imported(name))


def _imported(name: str) -> Iterator[str]:
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*(parts if node.level else []), *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def our_modules(name: str) -> set[str]:
    """Return our own modules that a module imports."""
    found = set()
    for target in imported(name):
        while target not in MODULES and "." in target:
            target = target.rpartition(".")[0]
        if target in MODULES:
            found.add(target)
    return found - {name}


def room(name: str) -> str:
    return name.split(".")[2] if name.count(".") > 1 else ""


ENGINE = [name for name in MODULES if name.startswith("boomtalk.engine.")]
PLUGINS = [name for name in MODULES if name.startswith("boomtalk.plugins")]


def test_the_story_names_every_room_of_the_engine() -> None:
    assert {room(name) for name in ENGINE} == set(STORY)


def test_a_room_imports_only_from_rooms_before_it() -> None:
    back = {
        (name, target)
        for name in ENGINE
        for target in our_modules(name) - {ANYWHERE}
        if room(target) in STORY[STORY.index(room(name)) + 1 :]
    }
    assert back == set()


def test_modules_import_each_other_without_cycles() -> None:
    order = graphlib.TopologicalSorter({name: our_modules(name) for name in MODULES})
    assert len(list(order.static_order())) == len(MODULES)


def test_the_engine_knows_neither_plugins_nor_commands() -> None:
    strangers = ("boomtalk.plugins", "boomtalk.commands", "boomtalk.cli", "boomtalk.examples")
    known = {
        (name, target)
        for name in ("boomtalk.engine", *ENGINE)
        for target in imported(name)
        if target.startswith(strangers)
    }
    assert known == set()


def test_one_module_of_http_imports_aiohttp() -> None:
    # The first import of aiohttp has to put off the system's authorities.
    importing = {
        name
        for name in MODULES
        if name.startswith("boomtalk.engine.http.")
        and any(target.partition(".")[0] == "aiohttp" for target in imported(name))
    }
    assert importing == {"boomtalk.engine.http.aiohttp_names"}


def test_plugins_take_only_errors_and_their_snapshots_from_the_engine() -> None:
    taken = {
        (name, target)
        for name in PLUGINS
        for target in imported(name)
        if target.startswith("boomtalk.")
        and not target.startswith(("boomtalk.plugins", *PLUGINS_MAY_USE))
    }
    assert taken == set()


def function_imports(path: Path) -> int:
    """Return how many imports stand inside a function."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return sum(
        isinstance(inner, (ast.Import, ast.ImportFrom))
        for node in nodes(path)
        if isinstance(node, functions)
        for inner in ast.walk(node)
    )


def test_imports_stand_at_the_top_but_for_those_with_a_reason() -> None:
    # A module that is imported in the middle of a run may be of another version by then.
    files = [*MODULES.values(), ROOT / "cli.py"]
    inside = {
        str(path.relative_to(ROOT)): number for path in files if (number := function_imports(path))
    }
    assert inside == {
        # prometheus-client is an extra
        "commands/assembly/exports.py": 4,
        "commands/flags/profile.py": 1,  # only a run with a profile reads YAML before its cases
        "engine/shards/on_ray.py": 7,  # ray is an extra
        # asyncio for `async def`, ast for the place of an error, ctypes for the death of its parent
        "plugins/child.py": 3,
    }


def test_no_module_runs_text_or_bytes_that_came_from_elsewhere() -> None:
    imports = {
        (name, target)
        for name in MODULES
        for target in imported(name)
        if target.partition(".")[0] in UNSAFE_MODULES
    }
    assert imports == set()
    callers = {
        name
        for name, path in MODULES.items()
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in UNSAFE_CALLS
    }
    assert callers == {LOADS_USER_SOURCE}
