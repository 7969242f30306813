"""This module merges a step with the API that it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import Hook, Validation, Written
from .searches import same_part


def merged(
    own: Mapping[str, Any], api: Mapping[str, Any], *, keeps_own_names: bool
) -> dict[str, Any]:
    """Return what is around the request: the step's values win, its hooks and checks come first.

    `name: $name` of a step asks for the API's value in hrp (mergeVariables); versions 1 and 2,
    with `keeps_own_names`, took the value that the case has.
    """
    variables = own["variables"] if keeps_own_names else without_own_names(own["variables"])
    return {
        "variables": {**api["variables"], **variables},
        "variables_from": own["variables_from"] or api["variables_from"],
        "extract": {**api["extract"], **own["extract"]},
        "setup_hooks": _joined_hooks(own["setup_hooks"], api["setup_hooks"]),
        "teardown_hooks": _joined_hooks(own["teardown_hooks"], api["teardown_hooks"]),
        "validate": _joined_checks(own["validate"], api["validate"]),
    }


def without_own_names(variables: Mapping[str, Written]) -> dict[str, Written]:
    """Leave out `name: $name`, which asks for the API's value."""
    return {
        name: written
        for name, written in variables.items()
        if written.value not in (f"${name}", f"${{{name}}}")
    }


def _joined_hooks(own: tuple[Hook, ...], api: tuple[Hook, ...]) -> tuple[Hook, ...]:
    given = [(hook.call.value, hook.assign) for hook in own]  # a value may be a list
    return own + tuple(hook for hook in api if (hook.call.value, hook.assign) not in given)


def _joined_checks(
    own: tuple[Validation, ...], api: tuple[Validation, ...]
) -> tuple[Validation, ...]:
    """Return the step's checks, then those of the API about anything else.

    hrp keeps one check on each text only (mergeValidators), and so loses some of the step's own.
    """
    given = {_subject(one) for one in own}
    return own + tuple(one for one in api if _subject(one) not in given)


def _subject(validation: Validation) -> str:
    return same_part(str(validation.check.value))
