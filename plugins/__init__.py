"""One long-lived subprocess per debugtalk.py, and calls into it."""

from .plugin import Plugin, PluginOptions
from .pool import PluginPool
from .snapshot import FunctionSnapshot, PluginSnapshot

__all__ = ["FunctionSnapshot", "Plugin", "PluginOptions", "PluginPool", "PluginSnapshot"]
