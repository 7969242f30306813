"""Test which folder may import which."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STORY = (
    "lazy",
    "errors",
    "case",
    "values",
    "http",
    "measure",
    "settings",
    "stop",
    "request",
    "scenario",
    "output",
    "functional",
    "load",
    "report",
    "record",
    "shards",
    "page",
    "compare",
    "export",
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


def imported(name: str) -> Iterator[str]:
    """Yield every module or name that a module imports, at its top or inside a function."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
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


@pytest.mark.parametrize("name", ENGINE)
def test_a_room_imports_only_from_rooms_before_it(name: str) -> None:
    later = STORY[STORY.index(room(name)) + 1 :]
    back = {target for target in our_modules(name) if room(target) in later}
    assert back - {ANYWHERE} == set()


def test_modules_import_each_other_without_cycles() -> None:
    order = graphlib.TopologicalSorter({name: our_modules(name) for name in MODULES})
    assert len(list(order.static_order())) == len(MODULES)


@pytest.mark.parametrize("name", ["boomtalk.engine", *ENGINE])
def test_the_engine_knows_neither_plugins_nor_commands(name: str) -> None:
    strangers = ("boomtalk.plugins", "boomtalk.commands", "boomtalk.cli", "boomtalk.examples")
    assert [target for target in imported(name) if target.startswith(strangers)] == []


@pytest.mark.parametrize("name", PLUGINS)
def test_plugins_take_only_errors_and_their_snapshots_from_the_engine(name: str) -> None:
    ours = [target for target in imported(name) if target.startswith("boomtalk.")]
    strangers = [target for target in ours if not target.startswith("boomtalk.plugins")]
    assert [target for target in strangers if not target.startswith(PLUGINS_MAY_USE)] == []


def function_imports(path: Path) -> int:
    """Return how many imports stand inside a function."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return sum(
        isinstance(inner, (ast.Import, ast.ImportFrom))
        for node in ast.walk(ast.parse(path.read_text()))
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
        "commands/assembly/exports.py": 2,  # prometheus-client is an extra
        "commands/flags/profile.py": 1,  # only a run with a profile reads YAML before its cases
        "engine/shards/on_ray.py": 7,  # ray is an extra
        # asyncio for `async def`, ast for the place of an error, ctypes for the death of its parent
        "plugins/child.py": 3,
    }


@pytest.mark.parametrize("name", MODULES)
def test_no_module_runs_text_or_bytes_that_came_from_elsewhere(name: str) -> None:
    assert {target.partition(".")[0] for target in imported(name)} & UNSAFE_MODULES == set()
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(MODULES[name].read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    allowed = UNSAFE_CALLS if name == LOADS_USER_SOURCE else set()
    assert calls & UNSAFE_CALLS <= allowed
