"""Rebuild the signatures of functions from the description that a plugin process sends."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter, Signature
from typing import Any


class _Default:
    """Stands for a default value, which stays in the process."""

    def __repr__(self) -> str:
        return "..."


_DEFAULT = _Default()


def signature_of(parameters: Sequence[Sequence[Any]] | None) -> Signature | None:
    """Return the signature for a list of [name, kind, has a default]; None if it is unknown."""
    if parameters is None:
        return None
    return Signature([_parameter(*one) for one in parameters])


def _parameter(name: str, kind: int, has_default: bool) -> Parameter:
    default = _DEFAULT if has_default else Parameter.empty
    return Parameter(name, _KINDS[kind], default=default)


_KINDS = (
    Parameter.POSITIONAL_ONLY,
    Parameter.POSITIONAL_OR_KEYWORD,
    Parameter.VAR_POSITIONAL,
    Parameter.KEYWORD_ONLY,
    Parameter.VAR_KEYWORD,
)
