"""Compile the variables of a config, and learn the names that it defines."""

from __future__ import annotations

from collections.abc import Mapping

from ..case.model import Config, Written
from ..values.variables import Variables, compile_variables
from .static_scope import StaticScope


def compile_config(config: Config, scope: StaticScope) -> Variables:
    """Compile the variables of a config; the scope knows their names afterwards."""
    written = dict(config.variables)
    base = {} if config.base_url is None else {"base_url": config.base_url}
    # hrp resolves the base with the variables of the config, and then sets it as one of them.
    last = base if "base_url" in written else {}
    if not last:
        written |= base
    functions = scope.functions
    variables = scope.attempt(
        lambda: compile_variables(
            written, functions, (), config.variables_from, last, config.yielding
        )
    )
    _define({**written, **base}, config, scope)
    scope.is_open |= config.variables_from is not None
    return variables or compile_variables({}, functions, ())


def _define(written: Mapping[str, Written], config: Config, scope: StaticScope) -> None:
    """Learn the names of a config; those that the referring step gives keep its values."""
    given = set(scope.known)
    own = {name: one for name, one in written.items() if name not in given}
    sure = {name: one for name, one in own.items() if name not in config.yielding}
    scope.define(own, {} if scope.is_open else sure)
    environs = config.environs.keys() - given
    scope.define(environs)
    # A value of the environment is data, and no search; but it is a base.
    if "base_url" in environs:
        base = str(config.environs["base_url"])
        scope.constants["base_url"] = Written(base, config.place)
