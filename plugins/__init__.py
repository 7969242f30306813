"""Run one long-lived subprocess per debugtalk.py, and call its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boomtalk.engine.lazy import lazy_names

if TYPE_CHECKING:
    from .options import PluginOptions as PluginOptions
    from .plugin import Plugin as Plugin
    from .pool import PluginPool as PluginPool

_MODULES = {"PluginOptions": "options", "Plugin": "plugin", "PluginPool": "pool"}
__all__ = sorted(_MODULES)
__getattr__ = lazy_names(__name__, _MODULES)
