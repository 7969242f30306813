"""This module finds the functions that an expression may call: the plugin's, then the builtin."""

from __future__ import annotations

import inspect
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import Parameter, Signature
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from ..case.hints import meant
from ..case.model import Project
from .builtins import builtin_functions

__all__ = ["Function", "Functions", "PluginCall", "meant"]

# Called with the name, the arguments and the keyword arguments. A hook also says which argument
# it is given back if the function changes it and returns nothing: `watched`, its position.
PluginCall = Callable[..., Awaitable[Any]]

_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


class Function(Struct, frozen=True):
    """One callable name; `plugin` ones run in the plugin process and are awaited.

    `signature` is None where Python cannot tell it.
    """

    name: str
    call: Callable[..., Any]
    awaits: bool
    plugin: bool
    signature: Signature | None

    def takes_keyword(self, name: str) -> bool:
        """Say whether `name=value` can be a keyword argument; otherwise it is a plain text."""
        if self.signature is None:
            return False
        parameters = self.signature.parameters.values()
        if any(one.kind is Parameter.VAR_KEYWORD for one in parameters):
            return True
        return self.plugin and any(one.name == name and one.kind in _BY_NAME for one in parameters)

    def misfit(self, positional: int, keywords: Iterable[str]) -> str:
        """Say why the function cannot be called with these arguments, or nothing."""
        if self.signature is None:
            return ""
        try:
            self.signature.bind(*[None] * positional, **dict.fromkeys(keywords))
        except TypeError as error:
            return f"{self.name}(...): {error}"
        return ""


class Functions:
    """The names that the expressions of one project may call.

    `plugin` holds the signatures of the plugin's functions, which win over the builtin ones;
    `call` reaches them. `project` gives the folder that files are read from and the pairs that
    `ENV` reads before the process environment; `chance` is the source of everything random
    (seed it to repeat a run).
    """

    def __init__(
        self,
        plugin: Mapping[str, Signature | None] = MappingProxyType({}),
        call: PluginCall | None = None,
        project: Project | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.project = project or Project(Path.cwd(), None, {})
        self.chance = chance or random.Random()
        builtins = builtin_functions(self.project.root, self.project.environment, self.chance)
        self._builtin = {name: _builtin(name, function) for name, function in builtins.items()}
        self._plugin = {
            name: Function(name, call, awaits=True, plugin=True, signature=signature)
            for name, signature in plugin.items()
            if call is not None
        }
        self.plugin_names = frozenset(self._plugin)
        self._by_common_name = _only_ones(self._plugin)

    def find(self, name: str) -> Function | None:
        """Return the function of that name, if there is one.

        hrp asks the plugin for the name, then for its common form, and its own functions last
        (callFunc). Its plugins in Go name a function `SumTwo` that is `sum_two` in debugtalk.py,
        so the common form of both counts where only one function of the plugin has it.
        """
        common = _common(name)
        return (
            self._plugin.get(name)
            or self._plugin.get(common)
            or self._builtin.get(name)
            or self._by_common_name.get(common)
        )

    def unknown_hint(self, name: str) -> str:
        """Say what an unknown name may have been meant to be."""
        hint = meant(name, (*self._plugin, *self._builtin))
        return hint or "functions come from debugtalk.py or debugtalk.bin, and the builtin list"


def _common(name: str) -> str:
    return name.replace("_", "").lower()


def _only_ones(functions: Mapping[str, Function]) -> dict[str, Function]:
    """Return the functions by the common form of their names, less those that share one."""
    times = Counter(map(_common, functions))
    return {
        _common(name): function for name, function in functions.items() if times[_common(name)] == 1
    }


def _builtin(name: str, function: Callable[..., Any]) -> Function:
    awaits = inspect.iscoroutinefunction(function)
    return Function(name, function, awaits, plugin=False, signature=inspect.signature(function))
