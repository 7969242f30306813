"""Make the values of labels, which Prometheus wants in UTF-8."""

from __future__ import annotations


def label(text: str) -> str:
    """Return the text without lone surrogates, which a name may hold and UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode()
