"""The part of the plugin layer that only cases with a debugtalk.py need: imported for the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boomtalk.engine.lazy import lazy_names

if TYPE_CHECKING:
    from .plugin import Plugin as Plugin

_MODULES = {"Plugin": "plugin"}
__all__ = sorted(_MODULES)
__getattr__ = lazy_names("boomtalk.plugins", _MODULES)
