"""Flags as fields of a class: one line holds a flag's names, help, default and meaning."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, NamedTuple, dataclass_transform, get_type_hints

import typer

from ..border import ending_with_a_code


class Flag(NamedTuple):
    """A field of a flag group: its `value` if the flag is not given, which has `default` parsed."""

    value: Any
    default: Any
    option: Any


@dataclass_transform(kw_only_default=True, frozen_default=True)
class FlagGroup:
    """The values of flags that belong together. A subclass has a `Flag` as default of each field.

    A dataclass with as many fields would cost half a millisecond of each start.
    """

    def __init__(self, **values: Any) -> None:
        for name, flag in flags_of(type(self)).items():
            setattr(self, name, values.pop(name, flag.value))
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")


def flags_of(group: type[FlagGroup]) -> dict[str, Flag]:
    """Return the flags of a group by field, those of its bases first."""
    fields = (vars(one).items() for one in reversed(group.__mro__))
    return {name: flag for each in fields for name, flag in each if isinstance(flag, Flag)}


class Panel:
    """A panel of `--help`. Its `flag` and `switch` make the fields of a flag group."""

    def __init__(self, title: str) -> None:
        self._title = title

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
        options |= {"rich_help_panel": self._title, "show_envvar": False}
        option = typer.Option(*names.split(), **options)
        return Flag(value, default, option)


def with_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the flags of each flag group among its parameters, and the error border.

    typer sees one parameter per flag; the command is called with the groups filled.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if _is_group(hint)}
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
            name: group(**{flag: given.pop(flag) for flag in flags_of(group)})
            for name, group in groups.items()
        }
        command(**given, **filled)

    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return spread


_BY_NAME = inspect.Parameter.KEYWORD_ONLY


def _is_group(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, FlagGroup)


def _parameters(group: type[FlagGroup]) -> list[inspect.Parameter]:
    hints = get_type_hints(group)
    return [
        inspect.Parameter(
            name, _BY_NAME, default=flag.default, annotation=Annotated[hints[name], flag.option]
        )
        for name, flag in flags_of(group).items()
    ]
