"""Which names an expression may call: the plugin's first, then the builtin ones."""

from __future__ import annotations

import inspect
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..case.hints import meant
from ..case.model import Project
from .builtins import builtin_functions

__all__ = ["Function", "Functions", "PluginCall", "meant"]

PluginCall = Callable[[str, Sequence[Any], Mapping[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Function:
    """One callable name; `plugin` ones run in the plugin process and are awaited."""

    name: str
    call: Callable[..., Any]
    awaits: bool
    plugin: bool


class Functions:
    """The names that the expressions of one project may call.

    `plugin_names` shadow the builtin functions; `call` reaches them. `project` gives the folder
    that files are read from and what `ENV` reads before the process environment; `chance` is
    the source of everything random (seed it to repeat a run).
    """

    def __init__(
        self,
        plugin_names: Collection[str] = (),
        call: PluginCall | None = None,
        project: Project | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.plugin_names = frozenset(plugin_names) if call is not None else frozenset()
        self.project = project or Project(Path.cwd(), None, {})
        self.chance = chance or random.Random()
        builtins = builtin_functions(self.project.root, self.project.environment, self.chance)
        self._known = {
            name: Function(name, function, inspect.iscoroutinefunction(function), plugin=False)
            for name, function in builtins.items()
        }
        if call is not None:
            self._known |= {
                name: Function(name, call, awaits=True, plugin=True) for name in self.plugin_names
            }

    def find(self, name: str) -> Function | None:
        """Return the function of that name, if there is one."""
        return self._known.get(name)

    def unknown_hint(self, name: str) -> str:
        """Say what an unknown name may have been meant to be."""
        hint = meant(name, self._known)
        return hint or "functions come from debugtalk.py and the builtin list"
