"""Profile files hold flags by name, in YAML or JSON; HttpRunner's keys work too."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperOption

# HttpRunner's keys that are named otherwise here; its 0 and -1 mean "off".
HRP_KEYS = {
    "spawn-count": "users",
    "run-time": "duration",
    "loop-count": "loops",
    "disable-keepalive": "no-keepalive",
    "disable-compression": "no-compression",
    "disable-console-output": "plain",
}
_OFF = {"duration": (0,), "loops": (-1,), "max-rps": (0, -1)}
IGNORED = ("memory-profile", "memory-profile-duration", "cpu-profile", "cpu-profile-duration")


def profile_flag(context: typer.Context, path: Path | None) -> Path | None:
    """Make the file's values the defaults of this command's flags; raises BadParameter."""
    if path is not None:
        defaults = _defaults(context, path)
        context.default_map = {**(context.default_map or {}), **defaults}
        for parameter in context.command.params:
            # A flag of the profile wins over its environment variable.
            if parameter.name in defaults and isinstance(parameter, TyperOption):
                parameter.allow_from_autoenv = False
    return path


def flags_by_name(command: Any) -> dict[str, Any]:
    """Return the flags of a command by their names without dashes, as a profile writes them."""
    return {
        option.removeprefix("--"): parameter
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }


def _defaults(context: typer.Context, path: Path) -> dict[str, Any]:
    flags = flags_by_name(context.command)
    defaults: dict[str, Any] = {}
    written = _read(path)
    for key, value in written.items():
        name = HRP_KEYS.get(key, key)
        if key in IGNORED or value in _OFF.get(name, ()):
            continue
        if name not in flags:
            near = get_close_matches(key, [*flags, *HRP_KEYS], 1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise typer.BadParameter(f"{path}: no flag is called {key!r}{meant}")
        parameter = flags[name]
        defaults[str(parameter.name)] = _value(parameter, value)
    if "spawn-count" in written and "spawn-rate" not in written:
        defaults["spawn_rate"] = "1"  # as in HttpRunner
    return defaults


def _read(path: Path) -> Mapping[str, Any]:
    # Only a run with a profile waits for it.
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).partition("\n")[0]
        raise typer.BadParameter(f"{path} cannot be read as a profile: {reason}") from error
    if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
        raise typer.BadParameter(f"{path}: a profile is a map of flag names to values")
    return found


def _value(parameter: Any, value: Any) -> Any:
    """Return a value as the flag takes it: a text, or a list of texts if it is repeatable."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and not parameter.multiple:
        raise typer.BadParameter(f"{parameter.opts[0]} takes one value, and the profile has a list")
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if parameter.multiple else str(value)
