"""Write literal values so that a case sends them unchanged, even if they contain `$`."""

from __future__ import annotations

from typing import Any

from .draft import Expression


def literal(text: str) -> str:
    """Return a text in the spelling of cases: `$` is doubled.

    Cases strip blanks around a text, so a text with such blanks becomes `${str("...")}`.
    """
    doubled = text.replace("$", "$$")
    if text == text.strip():
        return doubled
    quoted = doubled.replace("\\", "\\\\").replace('"', '\\"')
    return f'${{str("{quoted}")}}'


def literal_tree(value: Any) -> Any:
    """Return maps, lists and texts in the spelling of cases; expressions stay as they are."""
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, dict):
        # Cases do not strip blanks around a key, so it needs no call.
        return {_key(key): literal_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal_tree(item) for item in value]
    return value


def _key(key: str) -> str:
    return str(key) if isinstance(key, Expression) else key.replace("$", "$$")


def joined(*parts: str) -> str:
    """Return the texts joined; the result is an expression if one of them is."""
    if not any(isinstance(part, Expression) for part in parts):
        return "".join(parts)
    return Expression(
        "".join(part if isinstance(part, Expression) else part.replace("$", "$$") for part in parts)
    )
