"""Encode the arguments of a call exactly, or refuse them before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from .child import (
    CALL,
    CALL_EXACT,
    HEADER,
    MAGIC,
    MAX_PAYLOAD,
    VERSION,
    dumps_exact,
    find_fault,
)

_ORJSON_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def encode_call(call_id: int, arguments: Sequence[Any]) -> bytes:
    """Return the frame of a call; raises ValueError if JSON cannot express an argument exactly."""
    _, args, kwargs, _ = arguments
    is_plain, payload = json_of(arguments, args, kwargs)
    kind = CALL if is_plain else CALL_EXACT
    return HEADER.pack(MAGIC, VERSION, kind, call_id, len(payload), 0.0) + payload


def json_of(
    value: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[bool, bytes]:
    """Return `value`, which holds these arguments, as JSON, and whether any library may read it.

    Raises ValueError if JSON cannot express an argument exactly.
    """
    is_plain = True
    try:
        payload = orjson.dumps(value, option=_ORJSON_OPTIONS)
    except TypeError:  # may be just an integer over 64 bits, which only orjson refuses
        _refuse_faults(args, kwargs)
        is_plain, payload = False, dumps_exact(value)
    else:
        if b"null" in payload:  # orjson writes null for NaN as well as for None
            _refuse_faults(args, kwargs)
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"the arguments are {len(payload)} bytes of JSON, more than {MAX_PAYLOAD}")
    return is_plain, payload


def _refuse_faults(args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    fault = find_fault(list(args), "args") or find_fault(kwargs, "kwargs")
    if fault:
        raise ValueError(f"cannot be sent: {fault}")
