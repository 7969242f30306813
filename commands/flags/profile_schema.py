"""The JSON schema of profile files, made from the flags of `boom`."""

from __future__ import annotations

from typing import Any

from .profile import HRP_KEYS, IGNORED, flags_by_name


def profile_schema(command: Any) -> dict[str, Any]:
    """Return the schema (draft 7) of profiles for this command."""
    flags = {name: _described(flag) for name, flag in flags_by_name(command).items()}
    old = {
        name: {**flags[today], "description": f"HttpRunner's name of {today}."}
        for name, today in HRP_KEYS.items()
    }
    unused = {name: {"deprecationMessage": f"{name} has no effect."} for name in IGNORED}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "profile of boomtalk boom",
        "type": "object",
        "properties": {**flags, **old, **unused},
        "additionalProperties": False,
    }


def _described(flag: Any) -> dict[str, Any]:
    hidden = {"doNotSuggest": True} if flag.hidden else {}
    return {"description": flag.help, **_values(flag), **hidden}


def _values(flag: Any) -> dict[str, Any]:
    if flag.is_flag:
        return {"type": ["boolean", "string"], "pattern": "^([Tt]rue|[Ff]alse|yes|no|on|off|1|0)$"}
    one = ["integer" if flag.type.name.startswith("integer") else "number", "string"]
    return {"type": ["array", *one], "items": {"type": one}} if flag.multiple else {"type": one}
