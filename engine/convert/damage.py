"""Say what is wrong with an item of a source that does not follow its format."""

from __future__ import annotations

from ..case.nodes import SourceError

# What reading gives if a text is where a map should be, a key is missing, and the like.
DAMAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)


def reason(error: Exception) -> str:
    """Return what one of DAMAGE says to the user."""
    if isinstance(error, SourceError):
        return error.what
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return f"it does not follow its format ({type(error).__name__}: {error})"
