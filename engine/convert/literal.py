"""Values that were sent once, written so that a case sends them again as they were."""

from __future__ import annotations

from typing import Any

from .draft import Expression


def literal(text: str) -> str:
    """Return the case's spelling of a text: `$` doubled, blanks around it kept by a call."""
    doubled = text.replace("$", "$$")
    if text == text.strip():
        return doubled
    quoted = doubled.replace("\\", "\\\\").replace('"', '\\"')
    return f'${{str("{quoted}")}}'


def literal_tree(value: Any) -> Any:
    """Return maps, lists and texts in the case's spelling; expressions stay as they are."""
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, dict):
        # Blanks around a key count.
        return {_key(key): literal_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal_tree(item) for item in value]
    return value


def _key(key: str) -> str:
    return str(key) if isinstance(key, Expression) else key.replace("$", "$$")


def joined(*parts: str) -> str:
    """Return the texts as one; it is an expression if one of them is."""
    if not any(isinstance(part, Expression) for part in parts):
        return "".join(parts)
    return Expression(
        "".join(part if isinstance(part, Expression) else part.replace("$", "$$") for part in parts)
    )
