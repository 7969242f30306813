"""The part of the plugin layer that only cases with a plugin need: imported for the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boomtalk.engine.lazy import lazy_names

if TYPE_CHECKING:
    from .go_launch import GO as GO
    from .plugin import Plugin as Plugin
    from .python_launch import PYTHON as PYTHON

_MODULES = {"GO": "go_launch", "PYTHON": "python_launch", "Plugin": "plugin"}
__all__ = sorted(_MODULES)
__getattr__ = lazy_names("boomtalk.plugins", _MODULES)
