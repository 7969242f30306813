"""One long-lived subprocess per debugtalk.py, and calls into it."""

from .options import PluginOptions
from .plugin import Plugin
from .pool import PluginPool
from .snapshot import FunctionSnapshot, PluginSnapshot

__all__ = ["FunctionSnapshot", "Plugin", "PluginOptions", "PluginPool", "PluginSnapshot"]
