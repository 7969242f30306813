"""Flags as fields of a dataclass: one line holds a flag's names, help, default and meaning."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from ..border import ending_with_a_code

_OPTION, _DEFAULT = "option", "default"


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of `--help`. Its `flag` and `switch` make the fields of a flag group."""

    title: str

    def flag(
        self,
        names: str,
        metavar: str | None,
        help: str,  # noqa: A002
        *,
        default: Any = None,
        parse: Callable[[str], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Return the field of a flag that takes a value; a text as default is parsed like one."""
        options |= {"metavar": metavar, "parser": parse, "help": help}
        value = parse(default) if parse and isinstance(default, str) else default
        return self._field(names, value, default, options)

    def switch(self, names: str, help: str, **options: Any) -> Any:  # noqa: A002
        """Return the field of a flag without a value: False unless given."""
        return self._field(names, False, False, {"help": help, **options})

    def _field(self, names: str, value: Any, default: Any, options: dict[str, Any]) -> Any:
        # The help names the environment variables once, at its end, and not at each flag.
        options |= {"rich_help_panel": self.title, "show_envvar": False}
        option = typer.Option(*names.split(), **options)
        return field(default=value, metadata={_OPTION: option, _DEFAULT: default})


def with_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the flags of each flag group among its parameters, and the error border.

    typer sees one parameter per flag; the command is called with the groups filled.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            parameters += _parameters(groups[name])
        else:
            parameters.append(parameter.replace(annotation=hints[name], kind=_BY_NAME))

    @ending_with_a_code
    @wraps(command)
    def spread(**given: Any) -> None:
        filled = {
            name: group(**{one.name: given.pop(one.name) for one in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **filled)

    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return spread


_BY_NAME = inspect.Parameter.KEYWORD_ONLY


def _parameters(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group)
    return [_parameter(one, hints[one.name]) for one in fields(group)]


def _parameter(flag: Field[Any], hint: Any) -> inspect.Parameter:
    return inspect.Parameter(
        flag.name,
        _BY_NAME,
        default=flag.metadata[_DEFAULT],
        annotation=Annotated[hint, flag.metadata[_OPTION]],
    )
